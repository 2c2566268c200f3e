/** Has the browser save a text as a file. @param {string} name @param {BlobPart[]} parts @param {string} type */
export function download(name, parts, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.download = name;
  link.click();
  // The browser has begun to read the file by then, and can finish after the address is revoked.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
