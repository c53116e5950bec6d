// What streams refuse, with the codes of Node's library (web/webidl.ts, withCode).
import { RangeError, TypeError } from '../../primordials.ts';
import { withCode } from '../../webidl.ts';

const kInvalidState = 'ERR_INVALID_STATE';
const kInvalidValue = 'ERR_INVALID_ARG_VALUE';

// Locked, closed, released or detached: what a call cannot do as things stand.
export const wrongState = (why: string): TypeError => withCode(new TypeError(why), kInvalidState);
// An argument of another type.
export const wrongType = (why: string): TypeError =>
  withCode(new TypeError(why), 'ERR_INVALID_ARG_TYPE');
export const wrongThis = (why: string): TypeError =>
  withCode(new TypeError(why), 'ERR_INVALID_THIS');
// An argument with a value that it cannot have.
export const wrongValue = (why: string): TypeError => withCode(new TypeError(why), kInvalidValue);
export const wrongRange = (why: string, code = kInvalidValue): RangeError =>
  withCode(new RangeError(why), code);
