// For browsers, the SDK reads XML with DOMParser, which Workers lack.
import { DOMParser, Node } from 'linkedom';

Object.assign(globalThis, { DOMParser, Node });
