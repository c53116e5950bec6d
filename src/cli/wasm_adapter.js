// Answers requests with a WASI program, run once each as a CGI program (RFC 3875).
// The part of WASI preview 1 that such a program needs: arguments, environment,
// standard streams, clocks, randomness, exit. Everything else is ENOSYS.
import program from 'PROGRAM';

const SUCCESS = 0;
const EBADF = 8;
const ENOSYS = 52;

class Exit extends Error {
  constructor(code) {
    super(`the program ended with ${code}`);
    this.code = code;
  }
}

class Run {
  #memory;
  #input;
  #read = 0;
  #environment;
  #output = [[], []];

  constructor(input, environment) {
    const encoder = new TextEncoder();
    this.#input = input;
    this.#environment = environment.map((entry) => encoder.encode(`${entry}\0`));
  }

  start(module) {
    const imports = new Proxy(this.#calls(), {
      get: (calls, name) => calls[name] ?? (() => ENOSYS),
    });
    const instance = new WebAssembly.Instance(module, {
      wasi_snapshot_preview1: imports,
    });
    this.#memory = instance.exports.memory;
    try {
      instance.exports._start();
    } catch (error) {
      if (!(error instanceof Exit) || error.code !== 0) throw error;
    }
    return this.#output.map((parts) => join(parts));
  }

  get #view() {
    return new DataView(this.#memory.buffer); // memory may have grown
  }

  // Calls `use` with each buffer of an iovec list; the bytes it took, summed.
  #eachBuffer(list, count, use) {
    let total = 0;
    for (let i = 0; i < count; i++) {
      const at = this.#view.getUint32(list + 8 * i, true);
      const size = this.#view.getUint32(list + 8 * i + 4, true);
      total += use(new Uint8Array(this.#memory.buffer, at, size));
    }
    return total;
  }

  #putTexts(texts, pointers, bytes) {
    for (const text of texts) {
      this.#view.setUint32(pointers, bytes, true);
      new Uint8Array(this.#memory.buffer).set(text, bytes);
      pointers += 4;
      bytes += text.length;
    }
    return SUCCESS;
  }

  #putSizes(texts, count, size) {
    this.#view.setUint32(count, texts.length, true);
    this.#view.setUint32(
      size,
      texts.reduce((sum, text) => sum + text.length, 0),
      true,
    );
    return SUCCESS;
  }

  #calls() {
    const name = [new TextEncoder().encode('worker\0')];
    return {
      args_sizes_get: (count, size) => this.#putSizes(name, count, size),
      args_get: (pointers, bytes) => this.#putTexts(name, pointers, bytes),
      environ_sizes_get: (count, size) => this.#putSizes(this.#environment, count, size),
      environ_get: (pointers, bytes) => this.#putTexts(this.#environment, pointers, bytes),
      fd_read: (fd, list, count, done) => {
        if (fd !== 0) return EBADF;
        const total = this.#eachBuffer(list, count, (buffer) => {
          const part = this.#input.subarray(this.#read, this.#read + buffer.length);
          buffer.set(part);
          this.#read += part.length;
          return part.length;
        });
        this.#view.setUint32(done, total, true);
        return SUCCESS;
      },
      fd_write: (fd, list, count, done) => {
        if (fd !== 1 && fd !== 2) return EBADF;
        const total = this.#eachBuffer(list, count, (buffer) => {
          this.#output[fd - 1].push(buffer.slice());
          return buffer.length;
        });
        this.#view.setUint32(done, total, true);
        return SUCCESS;
      },
      fd_fdstat_get: (fd, out) => {
        if (fd > 2) return EBADF;
        new Uint8Array(this.#memory.buffer).fill(0, out, out + 24);
        this.#view.setUint8(out, 2); // a character device
        this.#view.setBigUint64(out + 8, 0x42n, true); // may be read and written
        return SUCCESS;
      },
      fd_close: () => SUCCESS,
      fd_prestat_get: () => EBADF, // no folder is open
      clock_time_get: (_clock, _precision, out) => {
        this.#view.setBigUint64(out, BigInt(Date.now()) * 1000000n, true);
        return SUCCESS;
      },
      random_get: (at, size) => {
        for (let i = 0; i < size; i += 65536) {
          const part = Math.min(65536, size - i);
          crypto.getRandomValues(new Uint8Array(this.#memory.buffer, at + i, part));
        }
        return SUCCESS;
      },
      proc_exit: (code) => {
        throw new Exit(code);
      },
    };
  }
}

function join(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// RFC 3875, section 4.1: meta-variables.
function variables(request, url, size) {
  const list = [
    'GATEWAY_INTERFACE=CGI/1.1',
    `REQUEST_METHOD=${request.method}`,
    'SCRIPT_NAME=',
    `PATH_INFO=${decodeURIComponent(url.pathname)}`,
    `QUERY_STRING=${url.search.slice(1)}`,
    `SERVER_NAME=${url.hostname}`,
    `SERVER_PORT=${url.port || (url.protocol === 'https:' ? 443 : 80)}`,
    'SERVER_PROTOCOL=HTTP/1.1',
    `CONTENT_LENGTH=${size}`,
    `CONTENT_TYPE=${request.headers.get('content-type') ?? ''}`,
  ];
  for (const [name, value] of request.headers) {
    if (name === 'proxy') continue; // HTTP_PROXY would be taken for a setting
    list.push(`HTTP_${name.toUpperCase().replaceAll('-', '_')}=${value}`);
  }
  return list;
}

// RFC 3875, section 6: header fields, an empty line, the body.
function answer(output) {
  const text = new TextDecoder('latin1').decode(output);
  const end = /\r?\n\r?\n/.exec(text);
  if (end === null) throw new Error('the program wrote no header fields and empty line');
  const headers = new Headers();
  let status = 200;
  for (const line of text.slice(0, end.index).split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon < 0) throw new Error(`the program wrote a header field without colon: ${line}`);
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else headers.append(name, value);
  }
  if (headers.has('location') && status === 200) status = 302;
  const body = output.subarray(end.index + end[0].length);
  return new Response(body.length > 0 ? body : null, { status, headers });
}

export default {
  async fetch(request) {
    const input = new Uint8Array(await request.arrayBuffer());
    const run = new Run(input, variables(request, new URL(request.url), input.length));
    const [output, errors] = run.start(program);
    if (errors.length > 0) console.error(new TextDecoder().decode(errors));
    return answer(output);
  },
};
