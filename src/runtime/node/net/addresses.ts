// Numeric addresses as numbers of 128 bits: one of IPv4 is what it is mapped to in
// IPv6 (::ffff:a.b.c.d). Source: RFC 4291, section 2.2; RFC 5952 for the text.

export const kMapped = 0xffffn << 32n;

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

// The groups of one side of "::"; the last two of all may be written as an address of
// IPv4.
function groupsOf(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string;
    if (isEnd && i === parts.length - 1 && part.includes('.')) {
      const v4 = parseIpv4(part);
      if (v4 === undefined) return undefined;
      groups.push(Number(v4 >> 16n), Number(v4 & 0xffffn));
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const front = groupsOf(halves[0] as string, halves.length === 1);
  const back = halves.length === 2 ? groupsOf(halves[1] as string, true) : [];
  if (front === undefined || back === undefined) return undefined;
  const missing = 8 - front.length - back.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...front, ...Array<number>(missing).fill(0), ...back])
    value = (value << 16n) | BigInt(group);
  return value;
}

// undefined for what is no address of that family. A zone ("%eth0") is none.
export function parseAddress(text: string, family: 4 | 6): bigint | undefined {
  if (family === 6) return parseIpv6(text);
  const value = parseIpv4(text);
  return value === undefined ? undefined : kMapped | value;
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

// As inet_ntop() writes it.
export function formatAddress(value: bigint, family: 4 | 6): string {
  if (family === 4) return formatIpv4(value);
  const groups: number[] = [];
  for (let i = 7n; i >= 0n; i--) groups.push(Number((value >> (16n * i)) & 0xffffn));
  let at = -1;
  let size = 1; // a single group of zeros is written
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > size) {
      at = i;
      size = end - i;
    }
    if (end > i) i = end;
  }
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (at === 0 && (size === 6 || (size === 5 && groups[5] === 0xffff)))
    return `::${size === 5 ? 'ffff:' : ''}${formatIpv4(value)}`;
  return at < 0 ? text(0, 8) : `${text(0, at)}::${text(at + size, 8)}`;
}

export function bytesOfIpv6(text: string): Uint8Array | undefined {
  const value = parseIpv6(text.split('%')[0] as string);
  if (value === undefined) return undefined;
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 16; i++) bytes[i] = Number((value >> BigInt(8 * (15 - i))) & 255n);
  return bytes;
}
