// ---- C2PA claims: JUMBF (ISO 19566-5), CBOR (RFC 8949) and COSE (RFC 9052), only as far as the questions need ----
// A claim names its assertions by their hashes, one of them binds it to the file's bytes, and COSE signs it.

const C2PA_UUID = "d8fec3d61b0e483c92975828877ec481";
const MOST_CLAIM = 64 << 20;
const ES256 = -7, ALGORITHM = 1, X5CHAIN = 33;
const LEFT_OUT = ["/ftyp", "/mfra", "/free", "/skip"];
const BINDING = /^c2pa\.hash\.(data|bmff\.v[23])(__\d+)?$/;

/** What is wrong with a claim: a word of WORDS. */
class BadClaim extends Error {
  constructor(word) { super(word); this.word = word; }
}

/** One CBOR value and where the next begins. Maps become Maps; a length that is not told beforehand is not read. */
function cborAt(data, at) {
  const kind = data[at] >> 5, short = data[at] & 31, size = short < 24 ? 0 : 1 << (short - 24);
  if (short > 27) throw new Unsupported();
  let next = at + 1 + size;
  if (next > data.length) throw new Error("cut");
  if (kind === 7) return [[false, true, null][short - 20], next];
  const number = size === 0 ? short : Number(`0x${hex(data.subarray(at + 1, next))}`);
  if (kind === 0) return [number, next];
  if (kind === 1) return [-1 - number, next];
  if (kind === 6) return cborAt(data, next);
  if (kind < 4) {
    if (next + number > data.length) throw new Error("cut");
    const bytes = data.subarray(next, next + number);
    return [kind === 2 ? bytes : new TextDecoder("utf-8", { fatal: true }).decode(bytes), next + number];
  }
  const values = [];
  for (let n = 0; n < number * (kind - 3); n++) {
    const [value, after] = cborAt(data, next);
    values.push(value);
    next = after;
  }
  if (kind === 4) return [values, next];
  return [new Map(Array.from({ length: number }, (_, n) => [values[2 * n], values[2 * n + 1]])), next];
}

const cbor = (data) => cborAt(data, 0)[0];

/** A byte string as CBOR writes it, in pieces. */
function cborBytes(data) {
  const size = data.length, bytes = [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255];
  const head = size < 24 ? [0x40 + size] : size < 256 ? [0x58, size] : size < 65536 ? [0x59, ...bytes.slice(2)] : [0x5a, ...bytes];
  return [Uint8Array.from(head), data];
}

/** Boxes one after the other: type, content, and content with header. */
function boxesIn(data) {
  const found = [], view = new DataView(data.buffer, data.byteOffset);
  for (let at = 0; at < data.length;) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > data.length) throw new Error("cut");
    found.push({ type: hex(data.subarray(at + 4, at + 8)), content: data.subarray(at + 8, at + size) });
    at += size;
  }
  return found;
}

/** A JUMBF superbox: its label, the boxes in it, and the bytes that a hash over it counts. C2PA's kinds begin with 4 letters. */
function superbox({ content }, kind = "") {
  const [described, ...boxes] = boxesIn(content);
  if (!new TextDecoder().decode(described.content).startsWith(kind)) throw new Error("kind");
  const name = described.content.subarray(17);
  return { label: new TextDecoder().decode(name.subarray(0, name.indexOf(0))), boxes, content };
}

/** Where a claim lies in a JPEG: its bytes without the segments' headers, and the place they take; null where there is none. */
async function claimOfPicture(blob) {
  const data = new Uint8Array(await blob.arrayBuffer()), view = new DataView(data.buffer);
  const pieces = [];
  let first = 0, last = 0;
  for (let at = 2; view.getUint16(at) !== 0xffda; at += 2 + view.getUint16(at + 2)) {
    if (data[at] !== 0xff) throw new Error("marker");
    if (view.getUint16(at) !== 0xffeb || view.getUint16(at + 4) !== 0x4a50) continue;
    if (pieces.length > 0 && last !== at) throw new Error("apart");
    if (pieces.length === 0) first = at;
    last = at + 2 + view.getUint16(at + 2);
    pieces.push(data.subarray(at + (pieces.length === 0 ? 12 : 20), last));
  }
  if (pieces.length === 0) return null;
  return { store: new Uint8Array(await new Blob(pieces).arrayBuffer()), start: first, length: last - first };
}

/** The boxes of an MP4 file, without their contents: type, place, length with header, and the first bytes. */
async function boxesOfFilm(blob) {
  const found = [];
  for (let at = 0; at < blob.size;) {
    const head = new Uint8Array(await blob.slice(at, at + 32).arrayBuffer()), view = new DataView(head.buffer);
    const short = view.getUint32(0), size = short === 0 ? blob.size - at : short === 1 ? Number(view.getBigUint64(8)) : short;
    if (size < 8 || at + size > blob.size) throw new Error("cut");
    found.push({ type: new TextDecoder("latin1").decode(head.subarray(4, 8)), at, size, head });
    at += size;
  }
  return found;
}

async function claimOfFilm(blob) {
  const boxes = await boxesOfFilm(blob);
  const own = boxes.filter(({ type, head }) => type === "uuid" && hex(head.subarray(8, 24)) === C2PA_UUID);
  if (own.length === 0) return null;
  if (own.length > 1 || own[0].size > MOST_CLAIM) throw new Error("more than one");
  // After the box's 8 bytes and its UUID: version and flags, the purpose up to a zero byte, and a place of 8 bytes.
  const data = new Uint8Array(await blob.slice(own[0].at + 28, own[0].at + own[0].size).arrayBuffer());
  return { store: data.subarray(data.indexOf(0) + 9), boxes };
}

/** The hash of a film's bytes as a claim binds them: each box that is not left out, after its place in 8 bytes. */
async function filmHash(blob, boxes, binding) {
  if (binding.has("merkle")) throw new Unsupported();
  const rules = binding.get("exclusions").map(exclusionOf);
  const counted = boxes.filter((box) => !rules.some((leaves) => leaves(box)));
  const pieces = counted.flatMap(({ at, size }) => {
    const place = new DataView(new ArrayBuffer(8));
    place.setBigUint64(0, BigInt(at));
    return [place, blob.slice(at, at + size)];
  });
  return hashBlob(new Blob(pieces));
}

/** What a claim on a film may leave out: itself, and boxes in which nothing is shown (those that the library leaves out). Throws BadClaim at any other. */
function exclusionOf(rule) {
  const path = rule.get("xpath"), data = rule.get("data") ?? [];
  if ([...rule.keys()].some((key) => !["xpath", "data"].includes(key) && rule.get(key) !== null)) throw new BadClaim("claimBytes");
  const isOwn = path === "/uuid" && data.length === 1 && data[0].get("offset") === 8 && hex(data[0].get("value")) === C2PA_UUID;
  if (isOwn) return ({ type, head }) => type === "uuid" && hex(head.subarray(8, 24)) === C2PA_UUID;
  if (!LEFT_OUT.includes(path) || data.length > 0) throw new BadClaim("claimBytes");
  return ({ type }) => path === `/${type}`;
}

/** The claim inside a file, or null; throws where one is there that cannot be read. */
async function readClaim(blob, isFilm) {
  const found = isFilm ? await claimOfFilm(blob) : await claimOfPicture(blob);
  if (found === null) return null;
  const active = superbox(superbox(boxesIn(found.store)[0], "c2pa").boxes.at(-1), "c2ma");
  const inner = new Map(active.boxes.map((box) => [superbox(box).label, box]));
  if (inner.size !== active.boxes.length) throw new BadClaim("claimEdited");
  const claim = superbox(inner.get("c2pa.claim.v2") ?? inner.get("c2pa.claim"), "c2cl").boxes[0].content;
  const signature = superbox(inner.get("c2pa.signature"), "c2cs").boxes[0].content;
  const assertions = superbox(inner.get("c2pa.assertions"), "c2as").boxes.map((box) => superbox(box));
  return { ...found, label: active.label, assertions, claim, facts: cbor(claim), signature: cbor(signature) };
}

/** Throws BadClaim unless the claim holds: its assertions, the file's bytes, and the node's certificate. */
async function checkClaim(blob, read, certificate) {
  await checkSignature(read, certificate);
  const [bound, ...more] = await checkAssertions(read);
  if (bound === undefined) throw new BadClaim("claimBytes");
  if (more.length > 0 || !BINDING.test(bound.label)) throw new Unsupported();
  const binding = cbor(bound.boxes[0].content);
  if ((binding.get("alg") ?? read.facts.get("alg")) !== "sha256") throw new Unsupported();
  const digest = read.boxes === undefined ? await pictureHash(blob, read, binding) : await filmHash(blob, read.boxes, binding);
  if (digest !== hex(binding.get("hash"))) throw new BadClaim("claimBytes");
}

/** The hash of a picture's bytes without the claim, which must be all that is left out. */
async function pictureHash(blob, { start, length }, binding) {
  const [rule, ...more] = binding.get("exclusions");
  if (more.length > 0 || rule.get("start") !== start || rule.get("length") !== length) throw new BadClaim("claimBytes");
  return hashBlob(new Blob([blob.slice(0, start), blob.slice(start + length)]));
}

/** Every assertion is the one that the claim names, each of those is there once, and no other; gives those that bind. */
async function checkAssertions({ label, assertions, facts }) {
  const uris = ["assertions", "created_assertions", "gathered_assertions"].flatMap((key) => facts.get(key) ?? []);
  const named = new Map(uris.map((uri) => [uri.get("url").replace(`self#jumbf=/c2pa/${label}/`, "self#jumbf="), uri]));
  const labels = new Set(assertions.map((assertion) => assertion.label));
  if (named.size !== uris.length || labels.size !== assertions.length || labels.size !== named.size) throw new BadClaim("claimEdited");
  for (const assertion of assertions) {
    const uri = named.get(`self#jumbf=c2pa.assertions/${assertion.label}`);
    if (uri === undefined) throw new BadClaim("claimEdited");
    if ((uri.get("alg") ?? facts.get("alg")) !== "sha256") throw new Unsupported();
    if ((await sha256(assertion.content)) !== hex(uri.get("hash"))) throw new BadClaim("claimEdited");
  }
  return assertions.filter((assertion) => assertion.label.startsWith("c2pa.hash."));
}

/** The claim is signed with the certificate whose SHA-256 the package's manifest names. */
async function checkSignature({ claim, signature }, wanted) {
  const [covered, open, , signed] = signature, head = cbor(covered);
  const chain = head.get(X5CHAIN) ?? open.get(X5CHAIN), leaf = Array.isArray(chain) ? chain[0] : chain;
  if ((await sha256(leaf)) !== wanted) throw new BadClaim("claimOther");
  if (head.get(ALGORITHM) !== ES256) throw new Unsupported();
  const [certificate] = parts(leaf), { key } = await keyOf(certificate, "SHA-256");
  const told = new Blob([Uint8Array.of(0x84, 0x6a), bytesOf("Signature1"), ...cborBytes(covered), ...cborBytes(new Uint8Array(0)), ...cborBytes(claim)]);
  if (!(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signed, await told.arrayBuffer()))) throw new BadClaim("claimSignature");
}
