// What C++ gives to connections of a Worker's own (ops/socket_binding.h, which says
// what each op requires). What arrives on a socket is read by native.bodyRead under
// its id.
export interface NativeSockets {
  open(inv: number, host: string, port: number, tls: boolean): number;
  opened(socket: number): Promise<void>;
  closed(socket: number): Promise<void>;
  localAddress(socket: number): string;
  remoteAddress(socket: number): string;
  // undefined: go on at once.
  write(socket: number, bytes: ArrayBuffer | ArrayBufferView): Promise<void> | undefined;
  end(socket: number): void;
  startTls(socket: number, host: string): number;
  close(socket: number): void;
  // `asks`: 0 addresses of `name`, one a line; 1 the host of that address and, in a
  // second line, the service of the port `number`; 2 the DNS message for records of the
  // type `number`, one character a byte.
  resolve(inv: number, asks: number, name: string, number: number): Promise<string>;
}
