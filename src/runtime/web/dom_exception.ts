// DOMException, Web IDL §4.3. Instances carry a stack as errors do.
import {
  Error,
  ErrorCaptureStackTrace,
  ObjectDefineProperty,
  ObjectSetPrototypeOf,
  TypeError,
} from './primordials.ts';
import { defineConstants, defineInterface } from './webidl.ts';

const codes = {
  INDEX_SIZE_ERR: 1,
  DOMSTRING_SIZE_ERR: 2,
  HIERARCHY_REQUEST_ERR: 3,
  WRONG_DOCUMENT_ERR: 4,
  INVALID_CHARACTER_ERR: 5,
  NO_DATA_ALLOWED_ERR: 6,
  NO_MODIFICATION_ALLOWED_ERR: 7,
  NOT_FOUND_ERR: 8,
  NOT_SUPPORTED_ERR: 9,
  INUSE_ATTRIBUTE_ERR: 10,
  INVALID_STATE_ERR: 11,
  SYNTAX_ERR: 12,
  INVALID_MODIFICATION_ERR: 13,
  NAMESPACE_ERR: 14,
  INVALID_ACCESS_ERR: 15,
  VALIDATION_ERR: 16,
  TYPE_MISMATCH_ERR: 17,
  SECURITY_ERR: 18,
  NETWORK_ERR: 19,
  ABORT_ERR: 20,
  URL_MISMATCH_ERR: 21,
  QUOTA_EXCEEDED_ERR: 22,
  TIMEOUT_ERR: 23,
  INVALID_NODE_TYPE_ERR: 24,
  DATA_CLONE_ERR: 25,
} as const;

// The name that each code belongs to, where a name still has one.
const legacy: Readonly<Record<string, number>> = {
  __proto__: null as never,
  IndexSizeError: 1,
  HierarchyRequestError: 3,
  WrongDocumentError: 4,
  InvalidCharacterError: 5,
  NoModificationAllowedError: 7,
  NotFoundError: 8,
  NotSupportedError: 9,
  InUseAttributeError: 10,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidModificationError: 13,
  NamespaceError: 14,
  InvalidAccessError: 15,
  TypeMismatchError: 17,
  SecurityError: 18,
  NetworkError: 19,
  AbortError: 20,
  URLMismatchError: 21,
  QuotaExceededError: 22,
  TimeoutError: 23,
  InvalidNodeTypeError: 24,
  DataCloneError: 25,
};

// Serializable, §4.3: a copy with the same stack; null for what is none.
export let cloneException: (value: object) => DOMException | null;

export class DOMException {
  readonly #message: string;
  readonly #name: string;

  static {
    cloneException = (value) => {
      if (!(#name in value)) return null;
      const copy = new DOMException(value.#message, value.#name);
      const { stack } = value as { stack?: unknown };
      ObjectDefineProperty(copy, 'stack', { value: stack, writable: true, configurable: true });
      return copy;
    };
  }

  constructor(message: unknown = '', options: unknown = 'Error') {
    this.#message = `${message}`;
    if (typeof options === 'object' && options !== null) {
      const { name = 'Error', cause } = options as { name?: unknown; cause?: unknown };
      this.#name = `${name}`;
      if ('cause' in options)
        ObjectDefineProperty(this, 'cause', { value: cause, writable: true, configurable: true });
    } else {
      this.#name = `${options}`;
    }
    ErrorCaptureStackTrace(this, DOMException);
  }

  get name(): string {
    return this.#name;
  }

  get message(): string {
    return this.#message;
  }

  get code(): number {
    if (!(#name in this)) throw new TypeError('The receiver is not a DOMException');
    return legacy[this.#name] ?? 0;
  }
}

ObjectSetPrototypeOf(DOMException.prototype, Error.prototype);
defineInterface(DOMException, 'DOMException');
defineConstants(DOMException, codes);
