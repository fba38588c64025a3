// ---- Time stamps (RFC 3161) and their certificates (RFC 5280): DER is read only as far as the questions need ----

const HASHES = { "608648016503040201": "SHA-256", "608648016503040202": "SHA-384", "608648016503040203": "SHA-512" };
const CURVES = { "2a8648ce3d030107": "P-256", "2b81040022": "P-384", "2b81040023": "P-521" };
const RSA = "2a864886f70d010101", EC = "2a8648ce3d0201", MESSAGE_DIGEST = "2a864886f70d010904", TST_INFO = "2a864886f70d0109100104";
const CONTENT_TYPE = "2a864886f70d010903", RSA_PSS = "2a864886f70d01010a";
const SIGNER_1 = "2a864886f70d010910020c", SIGNER_2 = "2a864886f70d010910022f";
const CONSTRAINTS = "551d13", KEY_USE = "551d0f", EXTENDED_USE = "551d25", FOR_STAMPS = "2b06010505070308";
const UNDERSTOOD = [CONSTRAINTS, KEY_USE, EXTENDED_USE];
const SIGNED_BY = {
  "2a864886f70d01010b": "SHA-256", "2a864886f70d01010c": "SHA-384", "2a864886f70d01010d": "SHA-512",
  "2a8648ce3d040302": "SHA-256", "2a8648ce3d040303": "SHA-384", "2a8648ce3d040304": "SHA-512",
};
const MOST_CERTIFICATES = 12, LONGEST_CHAIN = 5;

class Unsupported extends Error {}

/** The values in some DER, one after the other: tag, value, and the whole with its header (X.690, 8.1). */
function parts(data) {
  const found = [];
  for (let at = 0; at < data.length;) {
    let length = data[at + 1], body = at + 2;
    if (length & 0x80) {
      const bytes = length & 0x7f;
      if (bytes === 0 || bytes > 4) throw new Error("length");
      for (length = 0; body < at + 2 + bytes; body++) length = length * 256 + data[body];
    }
    if (!(body + length <= data.length)) throw new Error("cut");
    found.push({ tag: data[at], value: data.subarray(body, body + length), whole: data.subarray(at, body + length) });
    at = body + length;
  }
  return found;
}

const inside = (part) => parts(part.value);
const same = (one, other) => hex(one) === hex(other);

/** Its parts: what it says (TSTInfo), who signed (SignerInfo), and the certificates with it. */
function openStamp(data) {
  const [answer] = parts(data), [status, token] = inside(answer);
  if (inside(status)[0].value[0] !== 0 || token === undefined) throw new Error("refused");
  const [, wrapped] = inside(token), signed = inside(inside(wrapped)[0]);
  const [type, content] = inside(signed[2]), signers = inside(signed.at(-1));
  if (hex(type.value) !== TST_INFO || signers.length !== 1) throw new Error("type");
  const told = inside(content)[0].value, certificates = signed.filter((part) => part.tag === 0xa0).flatMap(inside);
  if (certificates.length > MOST_CERTIFICATES) throw new Error("certificates");
  return { told, signer: inside(signers[0]), certificates: certificates.map(certificateOf) };
}

/**
 * When the stamp says that these bytes were there, under which policy it was made, and the SHA-256 of that of the trusted `roots` (DER) to which it leads:
 * null where there are none. Throws where it does not hold; Unsupported where this browser cannot tell.
 */
async function stampedTime(data, manifest, roots) {
  const { told, signer, certificates } = openStamp(data);
  const [, under, imprint, , time] = inside(parts(told)[0]), policy = numberOf(under.value);
  const [algorithm, digest] = inside(imprint), moment = new TextDecoder().decode(time.value);
  if (!same(digest.value, await digestOf(inside(algorithm)[0].value, manifest))) throw new Error("other");
  const [issuer, serial] = inside(signer[1]), trusted = roots.map((root) => certificateOf(parts(root)[0]));
  const [leaf, ...others] = certificates.filter((each) => same(each.issuer.whole, issuer.whole) && same(each.serial.value, serial.value));
  if (leaf === undefined || others.length > 0) throw new Error("signer");
  await requireSigned(signer, told, leaf);
  if (trusted.length === 0) return { time: momentOf(moment), root: null, policy };
  const root = isForStamps(leaf) ? await rootOf(leaf, certificates, trusted, moment.slice(0, 14)) : null;
  if (root === null) throw new Error("whose");
  return { time: momentOf(moment), root: await sha256(root.whole), policy };
}

/** What is signed names what the stamp says by its hash, and the certificate's key signed it (RFC 5652, 5.4). */
async function requireSigned(signer, told, leaf) {
  const attributes = signer.find((part) => part.tag === 0xa0), hash = inside(signer[2])[0].value;
  const said = inside(attributes).map(inside), value = (oid) => inside(said.find(([type]) => hex(type.value) === oid)[1])[0].value;
  if (hex(value(CONTENT_TYPE)) !== TST_INFO) throw new Error("type");
  if (!same(value(MESSAGE_DIGEST), await digestOf(hash, told))) throw new Error("digest");
  if (!(await namesSigner(said, leaf))) throw new Error("signer");
  const place = signer.findLastIndex((part) => part.tag === 0x04);
  if (hex(inside(signer[place - 1])[0].value) === RSA_PSS) throw new Unsupported();
  const covered = Uint8Array.from(attributes.whole);
  covered[0] = 0x31; // Signed as a SET.
  if (!(await signs(leaf.part, nameOf(hash), signer[place].value, covered))) throw new Error("signature");
}

/** Whether the signed attributes name the signer's certificate by its hash (RFC 3161, 2.4.1; RFC 5035): another could be put there. */
async function namesSigner(said, leaf) {
  const naming = said.filter(([type]) => [SIGNER_1, SIGNER_2].includes(hex(type.value)));
  for (const [type, values] of naming) {
    const [value, ...more] = inside(values), first = inside(inside(inside(value)[0])[0]), byName = first[0].tag === 0x30;
    const digest = hex(type.value) === SIGNER_1 ? await crypto.subtle.digest("SHA-1", leaf.whole) : byName ? await digestOf(inside(first[0])[0].value, leaf.whole) : await crypto.subtle.digest("SHA-256", leaf.whole);
    if (more.length > 0 || !same(new Uint8Array(digest), first[byName ? 1 : 0].value)) return false;
  }
  return naming.length > 0;
}

/** A certificate (RFC 5280, 4.1), only as far as the questions need. */
function certificateOf(part) {
  const [body, algorithm, signature] = inside(part), fields = inside(body);
  const [serial, , issuer, validity, subject] = fields.slice(fields[0].tag === 0xa0 ? 1 : 0);
  const [begins, ends] = inside(validity).map(({ tag, value }) => {
    const text = new TextDecoder().decode(value);
    return tag === 0x17 ? `${text < "5" ? "20" : "19"}${text.slice(0, 12)}` : text.slice(0, 14);
  });
  const extensions = new Map(), list = fields.at(-1);
  for (const each of list.tag === 0xa3 ? inside(inside(list)[0]) : []) {
    const [oid, ...more] = inside(each);
    extensions.set(hex(oid.value), { critical: more.length === 2 && more[0].value[0] !== 0, said: parts(more.at(-1).value)[0] });
  }
  return { part, whole: part.whole, body, signedBy: hex(inside(algorithm)[0].value), signature: signature.value.subarray(1), serial, issuer, subject, begins, ends, extensions };
}

/** Whether it may sign time stamps (RFC 3161, 2.3). */
function isForStamps({ extensions }) {
  const use = extensions.get(EXTENDED_USE);
  return use !== undefined && use.critical && inside(use.said).some(({ value }) => hex(value) === FOR_STAMPS);
}

/** Whether a certificate may issue another, with `below` certificates between that one and the stamp's own (RFC 5280, 6.1.4). */
function mayIssue({ extensions }, below, isRoot) {
  const bounds = extensions.get(CONSTRAINTS), use = extensions.get(KEY_USE);
  if (use !== undefined && !(use.said.value[1] & 0x04)) return false;
  if (bounds === undefined) return isRoot;
  const [isIssuer, length] = inside(bounds.said);
  return isIssuer?.tag === 0x01 && isIssuer.value[0] !== 0 && (length === undefined || below <= Number(`0x${hex(length.value)}`));
}

/** The trusted certificate to which one leads, all of them as they were at `moment`; null where it leads to none. */
async function rootOf(certificate, others, trusted, moment, below = 0) {
  if (!(certificate.begins <= moment && moment <= certificate.ends)) return null;
  const known = trusted.find((root) => same(root.whole, certificate.whole));
  if (known !== undefined || below === LONGEST_CHAIN) return known ?? null;
  for (const [oid, { critical }] of certificate.extensions) if (critical && !UNDERSTOOD.includes(oid)) throw new Unsupported();
  for (const issuer of [...trusted, ...others]) {
    if (!same(issuer.subject.whole, certificate.issuer.whole) || !mayIssue(issuer, below, trusted.includes(issuer))) continue;
    const hash = SIGNED_BY[certificate.signedBy];
    if (hash === undefined) throw new Unsupported();
    if (!(await signs(issuer.part, hash, certificate.signature, certificate.body.whole))) continue;
    const root = await rootOf(issuer, others.filter((each) => each !== issuer), trusted, moment, below + 1);
    if (root !== null) return root;
  }
  return null;
}

function nameOf(oid) {
  const name = HASHES[hex(oid)];
  if (name === undefined) throw new Unsupported();
  return name;
}

async function digestOf(oid, data) {
  return new Uint8Array(await crypto.subtle.digest(nameOf(oid), data));
}

/** The public key of a certificate for WebCrypto, and of a key on a curve the bytes of each half of its signatures. */
async function keyOf(certificate, hash) {
  const body = inside(inside(certificate)[0]), key = body[(body[0].tag === 0xa0 ? 1 : 0) + 5];
  const [kind, parameters] = inside(inside(key)[0]), oid = hex(kind.value);
  if (oid === RSA) return { key: await crypto.subtle.importKey("spki", key.whole, { name: "RSASSA-PKCS1-v1_5", hash }, false, ["verify"]) };
  const namedCurve = oid === EC ? CURVES[hex(parameters.value)] : undefined;
  if (namedCurve === undefined) throw new Unsupported();
  const half = Math.ceil(Number(namedCurve.slice(2)) / 8);
  return { key: await crypto.subtle.importKey("spki", key.whole, { name: "ECDSA", namedCurve }, false, ["verify"]), half };
}

async function signs(certificate, hash, signature, data) {
  const { key, half } = await keyOf(certificate, hash);
  if (half === undefined) return crypto.subtle.verify("RSASSA-PKCS1-v1_5", key, signature, data);
  const raw = new Uint8Array(2 * half);
  inside(parts(signature)[0]).forEach(({ value }, place) => { const plain = value[0] === 0 ? value.subarray(1) : value; raw.set(plain, (place + 1) * half - plain.length); });
  return crypto.subtle.verify({ name: "ECDSA", hash }, key, raw, data);
}

/** `1.2.3.4.1` of an object identifier (X.690, 8.19). */
function numberOf(value) {
  const numbers = [];
  let number = 0;
  for (const byte of value) {
    number = number * 128 + (byte & 0x7f);
    if (byte < 0x80) { numbers.push(number); number = 0; }
  }
  const [first, ...others] = numbers, root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...others].join(".");
}

/** `20261127181502.5Z` as people read it. */
function momentOf(text) {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d+)?Z$/.exec(text);
  if (found === null) throw new Error("time");
  const [, year, month, day, hour, minute, second] = found;
  return `${year}-${month}-${day} ${hour}:${minute}:${second} UTC`;
}
