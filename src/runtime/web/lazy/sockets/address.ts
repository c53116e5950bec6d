// What connect() is given: where to, and how.
import {
  NumberIsInteger,
  RegExpPrototypeExec,
  StringPrototypeSlice,
  TypeError,
} from '../../primordials.ts';
import { isObject, toDictionary, toUnsignedLongLong } from '../../webidl.ts';

export interface Address {
  readonly host: string; // without brackets
  readonly port: number;
}

export type Transport = 'off' | 'on' | 'starttls';

export interface Options {
  readonly transport: Transport;
  readonly allowHalfOpen: boolean;
  readonly highWaterMark: number | undefined; // in bytes
}

const parts = /^(\[[0-9a-fA-F:.]+\]|[^\s:/?#@[\]\\]+)(:[0-9]*)?$/;

export function toAddress(value: unknown): Address {
  return isObject(value) ? ofMembers(value) : ofText(`${value}`);
}

// SocketAddress: an IPv6 address may come with and without brackets.
function ofMembers(value: { hostname?: unknown; port?: unknown }): Address {
  const { hostname, port } = value;
  const name = `${hostname}`;
  const found = RegExpPrototypeExec(parts, name) ?? RegExpPrototypeExec(parts, `[${name}]`);
  if (found === null || found[2] !== undefined)
    throw new TypeError(`Specified address could not be parsed: the hostname "${name}"`);
  return { host: withoutBrackets(found[1] as string), port: toPort(port) };
}

function ofText(text: string): Address {
  const found = RegExpPrototypeExec(parts, text);
  if (found === null) throw new TypeError(`Specified address could not be parsed: "${text}"`);
  if (found[2] === undefined || found[2] === ':')
    throw new TypeError(`Specified address is missing port: "${text}"`);
  return {
    host: withoutBrackets(found[1] as string),
    port: toPort(StringPrototypeSlice(found[2], 1)),
  };
}

function withoutBrackets(host: string): string {
  return host[0] === '[' ? StringPrototypeSlice(host, 1, -1) : host;
}

function toPort(value: unknown): number {
  const port = +(value as number);
  if (!NumberIsInteger(port) || port < 1 || port > 65_535)
    throw new TypeError(`Specified address has a port that is not 1 to 65535: ${port}`);
  return port;
}

export function toOptions(value: unknown): Options {
  const { allowHalfOpen, highWaterMark, secureTransport } = toDictionary<Record<string, unknown>>(
    value,
    'connect',
  );
  const transport = secureTransport === undefined ? 'off' : `${secureTransport}`;
  if (transport !== 'off' && transport !== 'on' && transport !== 'starttls')
    throw new TypeError(
      `Unsupported value in secureTransport socket option: "${transport}"; there are off, on, starttls`,
    );
  return {
    transport,
    allowHalfOpen: !!allowHalfOpen,
    highWaterMark:
      highWaterMark === undefined ? undefined : toUnsignedLongLong(highWaterMark, 'highWaterMark'),
  };
}
