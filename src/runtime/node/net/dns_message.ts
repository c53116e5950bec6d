// Answers of DNS servers, read as c-ares reads them for Node's library. What a server
// sends may be anything. Source: RFC 1035, section 4; RFC 3596 (AAAA), 2782 (SRV),
// 3403 (NAPTR), 6698 (TLSA), 8659 (CAA).
import { formatAddress } from './addresses.ts';

export const types = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  TLSA: 52,
  ANY: 255,
  CAA: 257,
} as const;
export type TypeName = keyof typeof types;

export interface RecordData {
  readonly type: TypeName;
  readonly ttl: number;
  readonly value: unknown; // in the form that the resolve…() of the type gives
}

// A failure in c-ares's words, "EBADRESP".
class DnsFailure {
  readonly code: string;
  constructor(code: string) {
    this.code = code;
  }
}

const nameOfType = new Map<number, TypeName>(
  Object.entries(types).map(([name, type]) => [type, name as TypeName]),
);
// RFC 1035, section 4.1.1, and what c-ares calls them.
const codes = ['', 'EFORMERR', 'ESERVFAIL', 'ENOTFOUND', 'ENOTIMP', 'EREFUSED'];
const kMostJumps = 64;

class Reader {
  readonly #message: string;
  at = 0;
  end: number;

  constructor(message: string) {
    this.#message = message;
    this.end = message.length;
  }

  byte(): number {
    if (this.at >= this.end) throw new DnsFailure('EBADRESP');
    return this.#message.charCodeAt(this.at++);
  }
  short(): number {
    return this.byte() * 256 + this.byte();
  }
  long(): number {
    return this.short() * 65_536 + this.short();
  }
  bytes(size: number): string {
    if (size > this.end - this.at) throw new DnsFailure('EBADRESP');
    this.at += size;
    return this.#message.slice(this.at - size, this.at);
  }
  get rest(): number {
    return this.end - this.at;
  }
  characterString(): string {
    return this.bytes(this.byte());
  }

  // Labels, some of which may stand elsewhere in the message.
  name(): string {
    const labels: string[] = [];
    let jumps = 0;
    let back = -1;
    const end = this.end;
    this.end = this.#message.length;
    for (;;) {
      const size = this.byte();
      if (size === 0) break;
      if (size < 64) {
        labels.push(toText(this.bytes(size)));
      } else if (size >= 192) {
        const to = (size - 192) * 256 + this.byte();
        if (++jumps > kMostJumps) throw new DnsFailure('EBADRESP');
        if (back < 0) back = this.at;
        this.at = to;
      } else {
        throw new DnsFailure('EBADRESP');
      }
    }
    if (back >= 0) this.at = back;
    this.end = end;
    return labels.join('.');
  }
}

// The bytes of a text as UTF-8.
function toText(bytes: string): string {
  if (/^[\0-\x7f]*$/.test(bytes)) return bytes;
  const buffer = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) buffer[i] = bytes.charCodeAt(i);
  return native.utf8Decode(buffer, false, true);
}

function addressIn(reader: Reader, family: 4 | 6): string {
  let value = 0n;
  for (let i = 0; i < (family === 4 ? 4 : 16); i++) value = (value << 8n) | BigInt(reader.byte());
  return formatAddress(value, family);
}

function dataOf(type: TypeName, reader: Reader): unknown {
  switch (type) {
    case 'A':
      return addressIn(reader, 4);
    case 'AAAA':
      return addressIn(reader, 6);
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return reader.name();
    case 'MX': {
      const priority = reader.short();
      return { exchange: reader.name(), priority };
    }
    case 'TXT': {
      const entries: string[] = [];
      while (reader.rest > 0) entries.push(toText(reader.characterString()));
      return entries;
    }
    case 'SRV': {
      const [priority, weight, port] = [reader.short(), reader.short(), reader.short()];
      return { name: reader.name(), port, priority, weight };
    }
    case 'SOA': {
      const nsname = reader.name();
      const hostmaster = reader.name();
      const serial = reader.long();
      const refresh = reader.long();
      const retry = reader.long();
      const expire = reader.long();
      return { nsname, hostmaster, serial, refresh, retry, expire, minttl: reader.long() };
    }
    case 'NAPTR': {
      const order = reader.short();
      const preference = reader.short();
      const flags = toText(reader.characterString());
      const service = toText(reader.characterString());
      const regexp = toText(reader.characterString());
      return { flags, service, regexp, replacement: reader.name(), order, preference };
    }
    case 'CAA': {
      const critical = reader.byte();
      const tag = toText(reader.characterString());
      return { critical, [tag]: toText(reader.bytes(reader.rest)) };
    }
    case 'TLSA': {
      const certUsage = reader.byte();
      const selector = reader.byte();
      const match = reader.byte();
      const bytes = reader.bytes(reader.rest);
      return {
        certUsage,
        selector,
        match,
        data: Uint8Array.from(bytes, (char) => char.charCodeAt(0)).buffer,
      };
    }
    case 'ANY':
      throw new DnsFailure('EBADRESP');
  }
}

function readAnswers(message: string): RecordData[] {
  const reader = new Reader(message);
  reader.short(); // the id, which the resolver has checked
  const flags = reader.short();
  const questions = reader.short();
  const answers = reader.short();
  reader.long(); // how many of the other sections
  const failure = codes[flags & 15];
  if (failure === undefined) throw new DnsFailure('EBADRESP');
  if (failure !== '') throw new DnsFailure(failure);
  for (let i = 0; i < questions; i++) {
    reader.name();
    reader.long();
  }
  const records: RecordData[] = [];
  for (let i = 0; i < answers; i++) {
    reader.name();
    const type = nameOfType.get(reader.short());
    reader.short(); // the class
    const ttl = reader.long();
    const size = reader.short();
    if (size > reader.rest) throw new DnsFailure('EBADRESP');
    const whole = reader.end;
    reader.end = reader.at + size;
    if (type !== undefined) records.push({ type, ttl, value: dataOf(type, reader) });
    reader.at = reader.end;
    reader.end = whole;
  }
  return records;
}

// The records of an answer, or the code of the failure that it tells of. `message` has
// one character a byte.
export function recordsOf(message: string): RecordData[] | string {
  try {
    return readAnswers(message);
  } catch (error) {
    if (error instanceof DnsFailure) return error.code;
    throw error;
  }
}
