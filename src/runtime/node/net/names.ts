// The binding `cares_wrap`: names are asked of caraveld, which asks the resolver of its
// machine, or the DNS servers that this knows. `localhost` and what is below it need no
// asking (RFC 6761, section 6.3). Source: Node's library, dns.js.
import * as facts from 'node-facts';
import type { NativeSockets } from '../../web/native_sockets.ts';
import { describeError, reportError, requireInvocation } from '../../web/report.ts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';
import { bytesOfIpv6, formatAddress, kMapped, parseAddress } from './addresses.ts';
import { type RecordData, recordsOf, type TypeName, types } from './dns_message.ts';

abstract class RequestWrap {
  [key: string]: Loose;
}
class GetAddrInfoReqWrap extends RequestWrap {}
class GetNameInfoReqWrap extends RequestWrap {}
class QueryReqWrap extends RequestWrap {}

const kAddresses = 0;
const kHost = 1;
const kRecords = 2;

const uv = facts.uv() as Loose;
const { AI_ALL, AI_V4MAPPED, DNS_ORDER_IPV4_FIRST, DNS_ORDER_IPV6_FIRST } =
  facts.caresWrap() as Loose;

const isIpv6 = (address: string) => address.includes(':');

// Exceptions of a callback go where those of Node's loop go.
function call(request: Loose, ...args: unknown[]): void {
  try {
    request.oncomplete(...args);
  } catch (error) {
    reportError(error);
  }
}

// What the resolver of a program calls "EAI_…", as a number of libuv's.
function uvCodeOf(error: unknown): number {
  const code = uv[`UV_${describeError(error).message}`];
  return typeof code === 'number' ? code : uv.UV_EAI_AGAIN;
}
// What c-ares calls "E…", as text; caraveld may be away.
function caresCodeOf(error: unknown): string {
  const { message } = describeError(error);
  return /^E[A-Z]+$/.test(message) ? message : 'ECONNREFUSED';
}

function isLocal(hostname: string): boolean {
  return /(^|\.)localhost\.?$/i.test(hostname);
}

function sorted(addresses: string[], order: number): string[] {
  const v4 = addresses.filter((address) => !isIpv6(address));
  const v6 = addresses.filter(isIpv6);
  if (order === DNS_ORDER_IPV4_FIRST) return [...v4, ...v6];
  return order === DNS_ORDER_IPV6_FIRST ? [...v6, ...v4] : addresses;
}

function ofFamily(addresses: string[], family: number, hints: number): string[] {
  if (family === 0) return addresses;
  if (family === 4) return addresses.filter((address) => !isIpv6(address));
  const v6 = addresses.filter(isIpv6);
  if ((hints & AI_V4MAPPED) === 0 || (v6.length > 0 && (hints & AI_ALL) === 0)) return v6;
  const mapped = ofFamily(addresses, 4, 0).map((address) =>
    formatAddress(kMapped | (parseAddress(address, 4) as bigint), 6),
  );
  return [...v6, ...mapped];
}

// What `resolveAny()` has of a record.
function entryOfAny({ type, ttl, value }: RecordData): object {
  if (type === 'A' || type === 'AAAA') return { address: value, ttl, type };
  if (type === 'TXT') return { entries: value, type };
  if (typeof value === 'string') return { value, type };
  return { ...(value as object), type };
}

// The arguments behind the error of `oncomplete`.
function resultOf(type: TypeName, records: RecordData[]): unknown[] {
  if (type === 'ANY') return [records.map(entryOfAny)];
  const values = records.map(({ value }) => value);
  if (type === 'SOA') return [values[0]];
  if (type !== 'A' && type !== 'AAAA') return [values];
  return [values, records.map(({ ttl }) => ttl)];
}

export function caresWrap({ internalBinding, process, require }: Realm): object {
  const { isIP } = require('internal/net');
  const { toASCII } = internalBinding('encoding_binding');
  const sockets: NativeSockets = native.socketBinding();
  const ask = (asks: number, name: string, number: number) =>
    sockets.resolve(requireInvocation(), asks, name, number);

  class ChannelWrap {
    readonly #running = new Set<Loose>();

    // Gives 0, or a code of what is wrong at once.
    query(
      request: Loose,
      asks: number,
      name: string,
      number: number,
      done: (answer: string) => unknown[],
    ): number {
      this.#running.add(request);
      const finish = (...args: unknown[]) => {
        if (this.#running.delete(request)) call(request, ...args);
      };
      ask(asks, name, number).then(
        (answer) => finish(...done(answer)),
        (error) => finish(caresCodeOf(error)),
      );
      return 0;
    }
    queryType(request: Loose, name: string, type: TypeName): number {
      return this.query(request, kRecords, toASCII(name), types[type], (answer) => {
        const records = recordsOf(answer);
        if (typeof records === 'string') return [records];
        const found = type === 'ANY' ? records : records.filter((record) => record.type === type);
        return found.length === 0 ? ['ENODATA'] : [null, ...resultOf(type, found)];
      });
    }
    getHostByAddr(request: Loose, address: string): number {
      if (isIP(address) === 0) return uv.UV_EINVAL;
      return this.query(request, kHost, address, 0, (answer) => [null, [answer.split('\n')[0]]]);
    }

    cancel(): void {
      for (const request of this.#running) {
        this.#running.delete(request);
        process.nextTick(() => call(request, 'ECANCELLED'));
      }
    }
    // Which they are is known to caraveld alone.
    getServers(): unknown[] {
      return [];
    }
    setServers(): string {
      return 'a Worker cannot choose the DNS servers';
    }
    setLocalAddress(): void {
      throw Object.assign(new Error('setLocalAddress() is not supported in Workers'), {
        code: 'ERR_METHOD_NOT_IMPLEMENTED',
      });
    }
  }
  for (const type of Object.keys(types) as TypeName[]) {
    const name = `query${type[0]}${type.slice(1).toLowerCase()}`;
    Object.defineProperty(ChannelWrap.prototype, name, {
      value(this: ChannelWrap, request: Loose, hostname: string) {
        return this.queryType(request, hostname, type);
      },
    });
  }

  return {
    ...facts.caresWrap(),
    ChannelWrap,
    GetAddrInfoReqWrap,
    GetNameInfoReqWrap,
    QueryReqWrap,
    canonicalizeIP(text: string) {
      const family = isIP(text);
      const value = family === 0 ? undefined : parseAddress(text, family);
      return value === undefined ? undefined : formatAddress(value, family);
    },
    convertIpv6StringToBuffer: bytesOfIpv6,
    getaddrinfo(
      request: Loose,
      hostname: string,
      family: number,
      hints: number,
      order: number,
    ): number {
      const finish = (addresses: string[]) => {
        const found = sorted(ofFamily(addresses, family, hints), order);
        if (found.length === 0) call(request, uv.UV_EAI_NONAME, null);
        else call(request, null, found);
      };
      if (isLocal(hostname)) {
        process.nextTick(finish, ['127.0.0.1', '::1']);
        return 0;
      }
      ask(kAddresses, toASCII(hostname), 0).then(
        (answer) => finish(answer.split('\n')),
        (error) => call(request, uvCodeOf(error), null),
      );
      return 0;
    },
    getnameinfo(request: Loose, address: string, port: number): number {
      ask(kHost, address, port).then(
        (answer) => call(request, null, ...answer.split('\n')),
        (error) => call(request, uvCodeOf(error)),
      );
      return 0;
    },
    strerror: (code: unknown) => `${code}`,
  };
}
