// What a Worker asks of a fetch by init.cf, made ready for the host (runtime/fetch_rules.h).
// Source: Workers documentation, "Request", the cf property.
import { kWarn } from '../console.ts';
import { JSONStringify, NumberIsFinite, ObjectKeys, RegExpPrototypeExec } from '../primordials.ts';
import { isObject } from '../webidl.ts';

// As native.fetch takes them; the answers that follow a redirect are kept under their own
// URLs.
export interface FetchRules {
  readonly first: string;
  readonly later: string;
}

// What request.cf of a client's request has on Workers: who hands that on asks nothing.
const ofRequests = {
  __proto__: null,
  asn: 1,
  asOrganization: 1,
  botManagement: 1,
  city: 1,
  clientAcceptEncoding: 1,
  clientTcpRtt: 1,
  clientTrustScore: 1,
  colo: 1,
  continent: 1,
  country: 1,
  edgeRequestKeepAliveStatus: 1,
  hostMetadata: 1,
  httpProtocol: 1,
  isEUCountry: 1,
  latitude: 1,
  longitude: 1,
  metroCode: 1,
  postalCode: 1,
  region: 1,
  regionCode: 1,
  requestHeaderNames: 1,
  requestPriority: 1,
  timezone: 1,
  tlsCipher: 1,
  tlsClientAuth: 1,
  tlsClientCiphersSha1: 1,
  tlsClientExtensionsSha1: 1,
  tlsClientExtensionsSha1Le: 1,
  tlsClientHelloLength: 1,
  tlsClientRandom: 1,
  tlsExportedAuthenticator: 1,
  tlsVersion: 1,
  verifiedBotCategory: 1,
} as unknown as Record<string, unknown>;

// The log says of each name once that it is ignored, and of no more names than these.
const kMostTold = 50;
const told = { __proto__: null } as unknown as Record<string, boolean>;
let tellable = kMostTold;

function ignore(name: string, why: string): void {
  if (told[name] || tellable === 0) return;
  tellable--;
  told[name] = true;
  native.log(kWarn, JSONStringify([`fetch: cf.${name} is ignored: ${why}`]), '');
}

const statuses = /^([1-9][0-9]{2})(?:-([1-9][0-9]{2}))?$/;

// [first, last, seconds, first, last, seconds, ...]
function byStatus(value: unknown): number[] {
  const flat: number[] = [];
  if (!isObject(value)) {
    ignore('cacheTtlByStatus', 'it is no object such as { "200-299": 60 }');
    return flat;
  }
  const names = ObjectKeys(value);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const range = RegExpPrototypeExec(statuses, name);
    const seconds = (value as Record<string, unknown>)[name];
    if (range === null || typeof seconds !== 'number' || !NumberIsFinite(seconds)) {
      ignore(`cacheTtlByStatus["${name}"]`, 'it is no number of seconds for a status');
      continue;
    }
    const first = +(range[1] as string);
    const last = range[2] === undefined ? first : +range[2];
    flat[flat.length] = first;
    flat[flat.length] = last;
    flat[flat.length] = seconds;
  }
  return flat;
}

// undefined where nothing is asked that Caravel has. `cache` is the request's cache mode.
export function rulesOf(cf: unknown, cache: string | undefined): FetchRules | undefined {
  if (!isObject(cf)) return undefined;
  let keeps = false;
  let ttl: number | null = null;
  let statusRules: number[] = [];
  let key = '';
  let override = '';
  const names = ObjectKeys(cf);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const value = (cf as Record<string, unknown>)[name];
    if (value === undefined || value === null || ofRequests[name] !== undefined) continue;
    if (name === 'cacheEverything') keeps ||= Boolean(value);
    else if (name === 'cacheTtl') {
      if (typeof value === 'number' && NumberIsFinite(value)) ttl = value;
      else ignore(name, 'it is no number of seconds');
    } else if (name === 'cacheTtlByStatus') statusRules = byStatus(value);
    else if (name === 'cacheKey') key = `${value}`;
    else if (name === 'resolveOverride') override = `${value}`;
    else ignore(name, 'Caravel does not have it');
  }
  keeps ||= ttl !== null || statusRules.length > 0;
  if (cache === 'no-store' || cache === 'no-cache' || cache === 'reload') keeps = false;
  if (!keeps && override === '') return undefined;
  const write = (name: string) => JSONStringify([keeps, ttl, statusRules, name, override]);
  return { first: write(key), later: write('') };
}
