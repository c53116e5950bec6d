// What Node's library asks of texts that may be addresses (its internal/net). There these
// are regular expressions, which take V8 milliseconds to compile in each isolate.
import { parseAddress } from './net/addresses.ts';

function isIPv4(text: unknown): boolean {
  return parseAddress(`${text}`, 4) !== undefined;
}

function isIPv6(text: unknown): boolean {
  const [address = '', zone = 'none', rest] = `${text}`.split('%');
  return (
    rest === undefined && /^[0-9a-z.:-]+$/i.test(zone) && parseAddress(address, 6) !== undefined
  );
}

function isIP(text: unknown): 0 | 4 | 6 {
  if (isIPv4(text)) return 4;
  return isIPv6(text) ? 6 : 0;
}

export const ipTests = { isIP, isIPv4, isIPv6 };
