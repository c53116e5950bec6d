// What Node's util.inspect() shows of classes of the platform: a method by its symbol, on
// those of Workers that have Node's modules. Source: Node's documentation, "Custom
// inspection functions on objects".
import { ArrayPrototypeJoin, ObjectDefineProperty, SymbolFor } from '../../primordials.ts';
import { illegalReceiver, isObject, nodeCompat } from '../../webidl.ts';

interface Options {
  readonly breakLength: number;
  readonly depth?: number | null;
  stylize(text: string, style: string): string;
}
export type Inspect = (value: unknown, options: Options) => string;

const inspectCustom = SymbolFor('nodejs.util.inspect.custom');
const kName = '[nodejs.util.inspect.custom]';

type Show = (self: object, options: Options, inspect: Inspect, depth: unknown) => unknown;

function define(target: { readonly prototype: object }, show: Show): void {
  if (!nodeCompat.given) return;
  const holder = {
    [kName](depth: unknown, options: Options, inspect: Inspect): unknown {
      return show(this, options, inspect, depth);
    },
  };
  ObjectDefineProperty(target.prototype, inspectCustom, {
    value: holder[kName],
    configurable: true,
    enumerable: false,
    writable: true,
  });
}

const isBeyond = (depth: unknown): boolean => typeof depth === 'number' && depth < 0;

// As the class's name and the fields that `fieldsOf` gives; it throws for what is no
// instance.
export function showFields(
  target: { readonly prototype: object },
  name: string,
  fieldsOf: (self: never) => object,
): void {
  define(target, (self, options, inspect, depth) => {
    if (!isObject(self)) illegalReceiver(name);
    const fields = fieldsOf(self as never);
    if (isBeyond(depth)) return self;
    const { depth: left } = options;
    const within = typeof left === 'number' ? left - 1 : null;
    return `${name} ${inspect(fields, { ...options, depth: within })}`;
  });
}

// As a list of `parts`, on lines of their own where they do not fit into one; `empty` when
// there are none.
export function showList(
  target: { readonly prototype: object },
  name: string,
  partsOf: (self: never, show: (value: unknown) => string) => string[],
  empty: string,
): void {
  define(target, (self, options, inspect, depth) => {
    const parts = partsOf(self as never, (value) => inspect(value, options));
    if (isBeyond(depth)) return options.stylize('[Object]', 'special');
    if (parts.length === 0) return `${name} ${empty}`;
    let length = -2;
    for (let i = 0; i < parts.length; i++) length += (parts[i] as string).length + 2;
    if (length > options.breakLength) return `${name} {\n  ${ArrayPrototypeJoin(parts, ',\n  ')} }`;
    return `${name} { ${ArrayPrototypeJoin(parts, ', ')} }`;
  });
}
