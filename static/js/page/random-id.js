// Names that nobody else makes: 128 random bits. crypto.randomUUID would do, but not on pages without TLS.

export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
