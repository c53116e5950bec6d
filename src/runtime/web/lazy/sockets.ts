// The module "cloudflare:sockets": TCP connections, in the clear and through TLS.
// Source: Workers documentation, "TCP sockets".
export { acceptConnection, cloudflareSockets, connectBy } from './sockets/socket.ts';
