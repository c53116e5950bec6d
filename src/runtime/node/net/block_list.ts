// The binding `block_list`: addresses as values, and lists of them that match.
// Source: Node's documentation, "Class: net.BlockList", "Class: net.SocketAddress".
import * as facts from 'node-facts';
import { formatAddress, parseAddress } from './addresses.ts';

type Family = 4 | 6;

function familyOf(af: number): Family {
  return af === facts.caresWrap().AF_INET ? 4 : 6;
}

const nameOf = (family: Family) => `IPv${family}`;

class SocketAddress {
  readonly value: bigint;
  readonly family: Family;
  readonly #port: number;
  readonly #flowLabel: number;

  constructor(address: string, port: number, af: number, flowLabel: number) {
    this.family = familyOf(af);
    const value = parseAddress(address, this.family);
    if (value === undefined)
      throw Object.assign(new Error('Invalid socket address'), { code: 'ERR_INVALID_ADDRESS' });
    this.value = value;
    this.#port = port;
    this.#flowLabel = flowLabel;
  }

  get text(): string {
    return formatAddress(this.value, this.family);
  }
  flowlabel(): number {
    return this.family === 6 ? this.#flowLabel : 0;
  }
  detail(out: Record<string, unknown>): object {
    const family = this.family === 4 ? facts.caresWrap().AF_INET : facts.caresWrap().AF_INET6;
    return Object.assign(out, {
      address: this.text,
      port: this.#port,
      family,
      flowlabel: this.flowlabel(),
    });
  }
}

// Matches from `first` to `last`; `text` is what it is told and removed by.
interface Rule {
  readonly text: string;
  readonly first: bigint;
  readonly last: bigint;
}

function rangeOf(start: SocketAddress, end: SocketAddress): Rule {
  return {
    text: `Range: ${nameOf(start.family)} ${start.text}-${end.text}`,
    first: start.value,
    last: end.value,
  };
}

function subnetOf(network: SocketAddress, prefix: number): Rule {
  const bits = BigInt((network.family === 4 ? 32 : 128) - prefix);
  const first = (network.value >> bits) << bits;
  return {
    text: `Subnet: ${nameOf(network.family)} ${network.text}/${prefix}`,
    first,
    last: first | ((1n << bits) - 1n),
  };
}

function remove(rules: Rule[], text: string): void {
  const at = rules.findIndex((rule) => rule.text === text);
  if (at >= 0) rules.splice(at, 1);
}

class BlockList {
  readonly #addresses = new Map<bigint, string>();
  readonly #subnets: Rule[] = [];
  readonly #ranges: Rule[] = [];

  addAddress(address: SocketAddress): void {
    if (!this.#addresses.has(address.value))
      this.#addresses.set(address.value, `Address: ${nameOf(address.family)} ${address.text}`);
  }
  addAddresses(addresses: SocketAddress[]): void {
    for (const address of addresses) this.addAddress(address);
  }
  addRange(start: SocketAddress, end: SocketAddress): boolean {
    if (start.value > end.value) return false;
    this.#ranges.unshift(rangeOf(start, end));
    return true;
  }
  addSubnet(network: SocketAddress, prefix: number): void {
    this.#subnets.unshift(subnetOf(network, prefix));
  }

  removeAddress(address: SocketAddress): void {
    this.#addresses.delete(address.value);
  }
  removeRange(start: SocketAddress, end: SocketAddress): void {
    remove(this.#ranges, rangeOf(start, end).text);
  }
  removeSubnet(network: SocketAddress, prefix: number): void {
    remove(this.#subnets, subnetOf(network, prefix).text);
  }
  clear(): void {
    this.#addresses.clear();
    this.#subnets.length = 0;
    this.#ranges.length = 0;
  }

  #has(value: bigint): boolean {
    const matches = ({ first, last }: Rule) => first <= value && value <= last;
    return this.#addresses.has(value) || this.#subnets.some(matches) || this.#ranges.some(matches);
  }
  check(address: SocketAddress): boolean {
    return this.#has(address.value);
  }
  checkString(text: string, af: number): boolean {
    const value = parseAddress(text, familyOf(af));
    return value !== undefined && this.#has(value);
  }

  getRules(): string[] {
    const addresses = [...this.#addresses.values()].reverse();
    return [...addresses, ...[...this.#subnets, ...this.#ranges].map(({ text }) => text)];
  }
  getSize(): number {
    return this.#addresses.size + this.#subnets.length + this.#ranges.length;
  }
}

export function blockList(): object {
  const { AF_INET, AF_INET6 } = facts.caresWrap();
  return { AF_INET, AF_INET6, BlockList, SocketAddress };
}
