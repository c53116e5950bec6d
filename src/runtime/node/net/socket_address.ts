// Addresses of sockets, as Node's library shows them.

export interface Address {
  readonly address: string;
  readonly port: number;
  readonly family: 'IPv4' | 'IPv6';
}

export function addressOf(address: string, port: number): Address {
  return { address, port, family: address.includes(':') ? 'IPv6' : 'IPv4' };
}

// "127.0.0.1:80" and "[::1]:80".
export function parsedAddress(text: string): Address | null {
  const found = /^\[?([0-9a-f.:]+?)\]?:(\d+)$/.exec(text);
  return found === null ? null : addressOf(found[1] as string, Number(found[2]));
}

export function isAny(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}
