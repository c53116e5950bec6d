// The platform's own classes, as Node's library uses them: taken from the global
// object when the library is first used.
import { AbortController, AbortSignal } from '../web/abort.ts';
import { DOMException } from '../web/dom_exception.ts';
import { TextDecoder, TextEncoder } from '../web/encoding.ts';
import { Event, EventTarget } from '../web/events.ts';
import { URL } from '../web/url.ts';

export const platformClasses = {
  AbortController,
  AbortSignal,
  DOMException,
  Event,
  EventTarget,
  TextDecoder,
  TextEncoder,
  URL,
} as const;
