// The module "cloudflare:sockets": TCP connections, in the clear and through TLS.
// Source: Workers documentation, "TCP sockets".
export { cloudflareSockets } from './sockets/socket.ts';
