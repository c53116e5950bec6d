// What Node's library hands over and takes is typed nowhere: its own source is
// JavaScript, and changes with each release.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Loose = any;
