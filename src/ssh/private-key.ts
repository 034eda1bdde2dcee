// The input ssh-key as people paste it. What only its form has lost on the way is given back; what is no usable key is told apart by what
// it is, before any host is contacted.

const BLOCK = /-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY)-----([^-]{1,65536})-----END \1-----/;

/** Letters of base64 in a line of a key file. */
const LINE = 70;

/**
 * A private key with its line ends as they must be: of one with CRLF, on one line, with `\n` for line ends, indented, without a last
 * line end, or in base64 as a whole. What is none stays as it is.
 */
export function repairedKey(text: string): string {
  const plain = text
    .replace(/^\ufeff/, "")
    .replaceAll("\r\n", "\n")
    .trim();
  const decoded = plain.startsWith("-----") ? "" : decodedText(plain);
  const key = BLOCK.test(decoded) ? decoded.replaceAll("\r\n", "\n") : plain;
  const [, kind, body = ""] = BLOCK.exec(key) ?? [];
  const letters = body.replaceAll("\\r", "").replaceAll("\\n", "").replace(/\s+/g, "");
  // Headers, as of an old key with a passphrase, are not put back.
  if (kind === undefined || !/^[A-Za-z0-9+/]+=*$/.test(letters)) return `${key}\n`;
  return [`-----BEGIN ${kind}-----`, ...linesOf(letters), `-----END ${kind}-----`, ""].join("\n");
}

/** What a text is that ssh-keygen can't read as a private key, in words, and what to do. */
export function keyFault(text: string): { what: string; instead: string } {
  const [first = ""] = text.trimStart().split("\n");
  const paste = "Paste the whole private key file, such as ~/.ssh/id_ed25519, into the secret";
  if (/^(ssh-|ecdsa-|sk-)\S+ AAAA/.test(first) || /^-{4,5} ?BEGIN (SSH2 )?([A-Z]+ )?PUBLIC KEY/.test(first))
    return { what: "holds the public half of a key", instead: `${paste}: the file without .pub.` };
  if (first.startsWith("PuTTY-User-Key-File"))
    return {
      what: "holds a key in PuTTY's format",
      instead: "Convert it: puttygen KEY.ppk -O private-openssh -o KEY.",
    };
  if (hasPassphrase(text))
    return {
      what: "holds a key with a passphrase, which nobody could type here",
      instead: "Make a key for deployments without one: ssh-keygen -t ed25519 -N '' -f deploy_key.",
    };
  if (!/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/.test(text))
    return {
      what: "holds no private key: it has no line -----BEGIN … PRIVATE KEY-----",
      instead: `${paste}, from its first line to its last.`,
    };
  if (!/-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/.test(text))
    return {
      what: "holds a private key that is cut off: it has no line -----END … PRIVATE KEY-----",
      instead: `${paste}, from its first line to its last.`,
    };
  return { what: "holds a damaged private key: ssh-keygen can't read it", instead: `${paste} again.` };
}

/** PEM says it (RFC 1421, PKCS #8); OpenSSH's own format names its cipher first (OpenSSH, PROTOCOL.key). */
function hasPassphrase(text: string): boolean {
  if (/Proc-Type: 4,ENCRYPTED|-----BEGIN ENCRYPTED PRIVATE KEY-----/.test(text)) return true;
  const [, kind, body = ""] = BLOCK.exec(text) ?? [];
  if (kind !== "OPENSSH PRIVATE KEY") return false;
  const bytes = Buffer.from(body, "base64");
  const magic = "openssh-key-v1\0";
  if (bytes.length < magic.length + 8 || bytes.toString("latin1", 0, magic.length) !== magic) return false;
  const length = bytes.readUInt32BE(magic.length);
  return bytes.toString("latin1", magic.length + 4, magic.length + 4 + Math.min(length, 64)) !== "none";
}

const decodedText = (text: string): string =>
  /^[A-Za-z0-9+/\s]+=*$/.test(text) ? Buffer.from(text, "base64").toString("utf8").trim() : "";

const linesOf = (letters: string): string[] => letters.match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
