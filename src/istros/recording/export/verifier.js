// Checks a package of Istros in the browser: the same questions as `istros verify`, by WebCrypto, without any network.
// What is wrong becomes a finding: a word of WORDS with its values.

const MANIFEST = "manifest.json", SIGNATURE = "manifest.sig", KEY = "node-key.pem", CUSTODY = "case/custody.json";
const SPKI = "302a300506032b6570032100";
const STAMP = /^stamps\/([^/]+)\.tsr$/;
const GENESIS = "0".repeat(64);
const LINK = ["camera", "stream", "number", "start", "end", "size", "frames", "mime", "sha256"];
const HEAD = ["kind", "camera", "stream", "first", "number", "chain", "lowest", "highest", "time", "cleared", "key"];
const CLAIMED = ["film", "still", "plate"];
const SMALL = 64 << 20;

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const bytesOf = (text) => new TextEncoder().encode(text);
const pick = (from, names) => Object.fromEntries(names.map((name) => [name, from[name]]));

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

function unbase64(text) {
  const raw = atob(text);
  if (btoa(raw) !== text) throw new Error("base64");
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

// ---- Hashes ----

const K = (() => {
  // The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
  const found = [];
  for (let n = 2; found.length < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break; }
    if (prime) found.push(Math.floor((Math.cbrt(n) % 1) * 4294967296) | 0);
  }
  return Int32Array.from(found);
})();

/** SHA-256 of pieces, for files too large for WebCrypto, which wants a file at once. */
class Sha256 {
  constructor() {
    this.state = Int32Array.from([0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]);
    this.rest = new Uint8Array(0);
    this.length = 0;
    this.words = new Int32Array(64);
  }

  add(piece) {
    this.length += piece.length;
    const data = new Uint8Array(this.rest.length + piece.length);
    data.set(this.rest);
    data.set(piece, this.rest.length);
    const whole = data.length - (data.length % 64);
    const view = new DataView(data.buffer);
    for (let at = 0; at < whole; at += 64) this.block(view, at);
    this.rest = data.slice(whole);
  }

  block(view, at) {
    const w = this.words, s = this.state;
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15], y = w[i - 2];
      w[i] = (w[i - 16] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + w[i - 7] + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10)) | 0;
    }
    let [a, b, c, d, e, f, g, h] = s;
    for (let i = 0; i < 64; i++) {
      const t = (h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const u = (((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t) | 0; d = c; c = b; b = a; a = (t + u) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => { s[i] = (s[i] + value) | 0; });
  }

  end() {
    const bits = this.length * 8;
    const pad = new Uint8Array((this.rest.length < 56 ? 64 : 128) - this.rest.length);
    pad[0] = 0x80;
    const view = new DataView(pad.buffer);
    view.setUint32(pad.length - 8, Math.floor(bits / 4294967296));
    view.setUint32(pad.length - 4, bits >>> 0);
    this.add(pad);
    return this.state.reduce((text, word) => text + (word >>> 0).toString(16).padStart(8, "0"), "");
  }
}

async function sha256(data) {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", data)));
}

async function hashBlob(blob) {
  if (blob.size <= SMALL) return sha256(await blob.arrayBuffer());
  const hash = new Sha256();
  for (let at = 0; at < blob.size; at += 8 << 20) hash.add(new Uint8Array(await blob.slice(at, at + (8 << 20)).arrayBuffer()));
  return hash.end();
}

// ---- The package: a folder or a ZIP whose files are stored as they are ----

class Unreadable extends Error {}

function ofFolder(list) {
  const files = new Map();
  for (const file of list) files.set(file.webkitRelativePath.split("/").slice(1).join("/"), file);
  return { files, doubled: [] };
}

async function ofZip(file) {
  const tailAt = Math.max(0, file.size - 66_000);
  const tail = new DataView(await file.slice(tailAt).arrayBuffer());
  let end = tail.byteLength - 22;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw new Unreadable();
  let count = tail.getUint16(end + 10, true), size = tail.getUint32(end + 12, true), at = tail.getUint32(end + 16, true);
  if ((at === 0xffffffff || count === 0xffff || size === 0xffffffff) && end >= 20 && tail.getUint32(end - 20, true) === 0x07064b50) {
    const place = Number(tail.getBigUint64(end - 12, true));
    const wide = new DataView(await file.slice(place, place + 56).arrayBuffer());
    [count, size, at] = [Number(wide.getBigUint64(32, true)), Number(wide.getBigUint64(40, true)), Number(wide.getBigUint64(48, true))];
  }
  const directory = new DataView(await file.slice(at, at + size).arrayBuffer());
  const files = new Map(), doubled = [];
  for (let place = 0, n = 0; n < count; n++) {
    if (place + 46 > directory.byteLength || directory.getUint32(place, true) !== 0x02014b50) throw new Unreadable();
    const entry = zipEntry(directory, place);
    if (entry.method !== 0) throw new Unreadable();
    const local = new DataView(await file.slice(entry.at, entry.at + 30).arrayBuffer());
    if (local.byteLength < 30 || local.getUint32(0, true) !== 0x04034b50) throw new Unreadable();
    const begins = entry.at + 30 + local.getUint16(26, true) + local.getUint16(28, true);
    if (files.has(entry.name)) doubled.push(entry.name);
    files.set(entry.name, file.slice(begins, begins + entry.size));
    place = entry.next;
  }
  return { files, doubled };
}

function zipEntry(view, place) {
  const nameSize = view.getUint16(place + 28, true), extraSize = view.getUint16(place + 30, true);
  const name = new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(view.buffer, place + 46, nameSize));
  let size = view.getUint32(place + 24, true), at = view.getUint32(place + 42, true);
  for (let extra = place + 46 + nameSize, stop = extra + extraSize; extra + 4 <= stop; extra += 4 + view.getUint16(extra + 2, true)) {
    if (view.getUint16(extra, true) !== 1) continue;
    let wide = extra + 4;
    if (size === 0xffffffff) { size = Number(view.getBigUint64(wide, true)); wide += 8; }
    if (view.getUint32(place + 20, true) === 0xffffffff) wide += 8;
    if (at === 0xffffffff) at = Number(view.getBigUint64(wide, true));
  }
  return { name, size, at, method: view.getUint16(place + 10, true), next: place + 46 + nameSize + extraSize + view.getUint16(place + 32, true) };
}

// ---- The questions ----

async function holds(raw, facts, signature) {
  let sent;
  try { sent = unbase64(signature); } catch { return false; }
  const key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, key, sent, bytesOf(canonical(facts)));
}

function rawKey(pem) {
  const body = pem.split("\n").filter((line) => line && !line.startsWith("-----")).join("");
  const data = unbase64(body);
  if (data.length !== 44 || hex(data.slice(0, 12)) !== SPKI) throw new Error("key");
  return data.slice(12);
}

class Check {
  constructor(pack, wanted, onFile) {
    this.pack = pack;
    this.wanted = wanted.toLowerCase().replace(/[:\s]/g, "");
    this.onFile = onFile;
    this.findings = [];
    this.notes = [];
    this.counts = { files: 0, segments: 0, proven: 0, acts: 0, claims: 0 };
    this.key = "";
  }

  wrong(word, values = {}) { this.findings.push({ word, values }); }

  note(word, values = {}) { this.notes.push({ word, values }); }

  async text(name) {
    const blob = this.pack.files.get(name);
    if (blob === undefined) return null;
    try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await blob.arrayBuffer()); } catch { return null; }
  }

  async run() {
    const text = await this.text(MANIFEST);
    if (text === null) { this.wrong("noManifest"); return; }
    try {
      this.manifest = JSON.parse(text);
      if (canonical(this.manifest) !== text || this.manifest.format !== "istros-export/1") throw new Error("form");
    } catch { this.manifest = undefined; this.wrong("manifestEdited"); return; }
    await this.signature();
    await this.files();
    try {
      for (const camera of this.manifest.cameras) { this.segments(camera); await this.chain(camera); }
      await this.custody();
      await this.stamps();
      await this.claims();
    } catch { this.wrong("manifestEdited"); }
  }

  async signature() {
    const pem = await this.text(KEY), signature = await this.text(SIGNATURE);
    let raw;
    try { raw = rawKey(pem); } catch { this.wrong("noSignature"); return; }
    if (signature === null) { this.wrong("noSignature"); return; }
    this.key = await sha256(raw);
    if (!(await holds(raw, this.manifest, signature))) this.wrong("forged");
    else if (this.manifest.node.key !== this.key) this.wrong("otherKey");
    if (this.wanted && (this.wanted.length < 16 || !this.key.startsWith(this.wanted))) this.wrong("notThatNode", { key: this.key.slice(0, 16) });
  }

  async files() {
    const listed = new Map(this.manifest.files.map((file) => [file.path, file]));
    for (const name of this.pack.doubled) this.wrong("doubled", { name });
    for (const name of this.pack.files.keys()) if (!listed.has(name) && name !== MANIFEST && name !== SIGNATURE && !STAMP.test(name)) this.wrong("added", { name });
    for (const [name, file] of listed) {
      this.onFile(name);
      const blob = this.pack.files.get(name);
      if (blob === undefined) { this.wrong("removed", { name }); continue; }
      this.counts.files++;
      let digest = "";
      try { digest = await hashBlob(blob); } catch { /* It cannot be read: its hash is none. */ }
      if (blob.size !== file.bytes || digest !== file.sha256) this.wrong("changed", { name });
    }
  }

  segments(camera) {
    const hashes = new Map(this.manifest.files.map((file) => [file.path, file.sha256]));
    const named = new Set();
    camera.segments.forEach((segment, place) => {
      const values = { name: segment.id, camera: camera.id };
      this.counts.segments++;
      if (segment.path !== null) named.add(segment.path);
      if (this.manifest.export.originals && !hashes.has(segment.path)) this.wrong("segmentMissing", values);
      else if (segment.path !== null && segment.as_recorded === false) this.wrong("segmentAltered", values);
      else if (segment.path !== null && segment.sha256 !== null && segment.sha256 !== hashes.get(segment.path)) this.wrong("segmentOther", values);
      const before = camera.segments[place - 1];
      if (before !== undefined && !(before.from < before.to && before.to <= segment.from)) this.wrong("order", values);
    });
    for (const path of hashes.keys()) if (path.startsWith(`originals/${camera.id}/`) && !named.has(path)) this.wrong("added", { name: path });
  }

  async chain(camera) {
    const proof = camera.chain, stream = this.manifest.export.stream, name = `${camera.id}/${stream}`;
    const numbered = camera.segments.filter((segment) => segment.number !== null);
    if (proof === null) { if (numbered.length) this.wrong("noProof", { name }); return; }
    const before = this.findings.length, signed = new Map(), unsigned = new Map();
    const keys = new Map();
    for (const each of proof.keys) keys.set((await sha256(unbase64(each.public))).slice(0, 16), unbase64(each.public));
    for (const stretch of proof.stretches) {
      const target = stretch.after !== null ? signed : unsigned;
      if (stretch.camera !== camera.id || stretch.stream !== stream) { this.wrong("chainBroken", { name }); continue; }
      await this.stretch(stretch, name, keys);
      for (const link of stretch.links) target.set(link.number, link.sha256);
    }
    for (const segment of numbered) {
      if ((signed.get(segment.number) ?? unsigned.get(segment.number)) !== segment.sha256) this.wrong("notInChain", { name: segment.id, camera: camera.id });
    }
    if (this.findings.length > before) return;
    this.counts.proven += numbered.filter((segment) => signed.has(segment.number)).length;
    this.leftOut(camera, proof);
  }

  async stretch(stretch, name, keys) {
    const { before, after, links } = stretch;
    for (const head of [before, after]) {
      if (head === null) continue;
      const raw = keys.get(head.key);
      if (head.camera !== stretch.camera || head.stream !== stretch.stream || raw === undefined || !(await holds(raw, pick(head, HEAD), head.signature))) this.wrong("headForged", { name, number: head.number });
    }
    const first = before === null ? 1 : before.number + 1;
    const last = after === null ? Math.max(first, ...links.map((link) => link.number)) : after.number;
    if (after !== null && after.first !== first) this.wrong("chainBroken", { name });
    let hash = before === null ? GENESIS : before.chain, expected = first;
    for (const link of links) {
      const made = await sha256(bytesOf(canonical({ ...pick(link, LINK), previous: hash })));
      if (link.number !== expected || link.camera !== stretch.camera || link.stream !== stretch.stream || made !== link.chain) this.wrong("linkBroken", { name, number: link.number });
      hash = link.chain;
      expected = link.number + 1;
    }
    if (expected !== last + 1 || (after !== null && hash !== after.chain)) this.wrong("chainBroken", { name });
  }

  leftOut(camera, proof) {
    const named = new Set(camera.segments.map((segment) => segment.number));
    const start = micros(this.manifest.export.from), end = micros(this.manifest.export.to);
    for (const stretch of proof.stretches) {
      for (const link of stretch.links) {
        if (link.start < end && link.end > start && link.removed === null && !named.has(link.number)) this.wrong("segmentRemoved", { number: link.number, camera: camera.id });
      }
    }
  }

  /** The stamps that the manifest names are there, no others are, and each is over this manifest and of whom it names. */
  async stamps() {
    const manifest = await this.pack.files.get(MANIFEST).arrayBuffer();
    const names = [...this.pack.files.keys()].filter((name) => STAMP.test(name));
    const roots = this.manifest.stamps?.roots ?? {};
    this.namedStamps(names.map((name) => STAMP.exec(name)[1]));
    for (const path of names) {
      const name = STAMP.exec(path)[1], trusted = Object.hasOwn(roots, name) ? roots[name].map(unbase64) : [];
      try {
        const { time, root, policy } = await stampedTime(new Uint8Array(await this.pack.files.get(path).arrayBuffer()), manifest, trusted);
        this.note(root === null ? "stampWhose" : "stamp", { name, time, root, policy });
      } catch (error) {
        if (error instanceof Unsupported || error?.name === "NotSupportedError") this.note("stampUnchecked", { name });
        else this.wrong("stampBroken", { name: path });
      }
    }
  }

  namedStamps(there) {
    const told = this.manifest.stamps;
    if (told === undefined) { this.note(there.length === 0 ? "noStampOld" : "stampsOld"); return; }
    for (const name of told.expected) if (!there.includes(name)) this.wrong("stampRemoved", { name });
    for (const name of there) if (!told.expected.includes(name)) this.wrong("added", { name: `stamps/${name}.tsr` });
    for (const { authority, why } of told.without) this.note(why === "away" ? "stampAway" : "stampRefused", { name: authority });
    if (told.expected.length === 0) this.note("noStamp");
  }

  /** Each film, still and plate has the claim that the manifest names, and it holds; none has another. */
  async claims() {
    const certificate = this.manifest.claims?.certificate_sha256;
    for (const file of this.manifest.files) {
      const name = file.path, blob = this.pack.files.get(name);
      if (!CLAIMED.includes(file.what) || blob === undefined || (certificate === undefined && file.claim === undefined)) continue;
      this.onFile(name);
      try {
        await this.claim(blob, file, certificate);
      } catch (error) {
        if (error instanceof Unsupported || error?.name === "NotSupportedError") this.note("claimUnchecked", { name });
        else if (error instanceof BadClaim) this.wrong(error.word, { name });
        else if (file.claim !== undefined) this.wrong("claimBroken", { name });
      }
    }
  }

  async claim(blob, file, certificate) {
    const read = await readClaim(blob, file.path.endsWith(".mp4"));
    if (read === null && file.claim === undefined) return;
    if (read === null) throw new BadClaim("claimRemoved");
    if (file.claim === undefined) throw new BadClaim("claimPutIn");
    if (certificate === undefined) throw new BadClaim("claimOther");
    if (read.label !== file.claim.manifest) throw new BadClaim("claimSwapped");
    await checkClaim(blob, read, certificate);
    this.counts.claims++;
  }

  async custody() {
    const text = await this.text(CUSTODY);
    if (text === null) return;
    for (const row of JSON.parse(text).rows) {
      const { hash, ...facts } = row;
      if ((await sha256(bytesOf(canonical(facts)))) !== hash) this.wrong("actChanged", { number: row.sequence });
      this.counts.acts++;
    }
  }
}

function micros(text) {
  const [, seconds, fraction = ""] = /^(.*:\d\d)(?:\.(\d+))?Z$/.exec(text);
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}

// ---- The page ----

const at = (id) => document.getElementById(id);
let language = document.documentElement.lang;
let shown = null;

function word(name, values = {}) {
  return (WORDS[language][name] ?? name).replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}

function speak() {
  document.documentElement.lang = language;
  document.title = word("title");
  at("language-label").textContent = word("language");
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  if (shown !== null) show(shown);
}

function item({ word: code, values }) {
  const made = document.createElement("li");
  made.dataset.code = code;
  made.textContent = word(code, values);
  return made;
}

function show(check) {
  shown = check;
  const whole = check.findings.length === 0;
  at("verdict").hidden = false;
  at("verdict").dataset.verdict = whole ? "whole" : "broken";
  const pinned = check.wanted ? word("pinned", { key: check.key.slice(0, 16) }) : word("notPinned", { key: check.key });
  at("verdict").textContent = whole ? `${word("whole", check.counts)} ${pinned}` : word("broken");
  at("findings").replaceChildren(...check.findings.map(item));
  at("notes").replaceChildren(...check.notes.map(item));
  const { order, node, export: made } = check.manifest ?? {};
  const facts = whole ? [["case", order.case], ["permit", order.permit], ["by", `${order.by} (${order.organisation})`], ["ground", order.ground], ["span", `${made.from} – ${made.to}`], ["node", `${node.name}, ${node.town}`], ["fingerprint", check.key]] : [];
  at("facts").hidden = !whole;
  at("facts").replaceChildren(...facts.map(([name, value]) => {
    const row = document.createElement("tr"), head = document.createElement("th"), cell = document.createElement("td");
    head.textContent = word(name);
    cell.textContent = value;
    row.append(head, cell);
    return row;
  }));
}

let run = 0;
async function verify(open) {
  const mine = ++run;
  shown = null;
  at("verdict").hidden = at("facts").hidden = true;
  at("findings").replaceChildren();
  at("notes").replaceChildren();
  const say = (name) => { if (mine === run) at("progress").textContent = name === "" ? "" : word("checking", { name }); };
  let check = new Check({ files: new Map(), doubled: [] }, at("key").value, say);
  try {
    check = new Check(await open(), at("key").value, say);
    if (globalThis.crypto?.subtle === undefined) check.wrong("oldBrowser");
    else await check.run();
  } catch (error) {
    check.wrong(error instanceof Unreadable ? "noZip" : error?.name === "NotSupportedError" ? "oldBrowser" : "unreadable");
  }
  say("");
  if (mine === run) show(check);
}

let again = null;
at("zip").addEventListener("change", (event) => { const [file] = event.target.files; if (file) verify(again = () => ofZip(file)); });
at("folder").addEventListener("change", (event) => { const list = [...event.target.files]; if (list.length) verify(again = async () => ofFolder(list)); });
at("key").addEventListener("change", () => { if (again !== null) verify(again); });
for (const [code, words] of Object.entries(WORDS)) at("language").append(new Option(words.own, code, false, code === language));
at("language").addEventListener("change", (event) => { language = event.target.value; speak(); });
speak();
