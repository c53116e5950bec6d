// The errors of Node's native side, with its codes.
import { Error, RangeError, TypeError } from '../../web/primordials.ts';

function coded(error: Error, code: string): Error {
  (error as Error & { code: string }).code = code;
  return error;
}

export const invalid = (message: string): Error =>
  coded(new TypeError(message), 'ERR_INVALID_ARG_VALUE');

export const outOfRange = (message: string): Error =>
  coded(new RangeError(message), 'ERR_OUT_OF_RANGE');

export const notSupported = (what: string): Error =>
  coded(
    new Error(`node:perf_hooks: ${what} is not supported in Workers`),
    'ERR_METHOD_NOT_IMPLEMENTED',
  );
