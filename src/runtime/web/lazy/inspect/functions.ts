// A function or a class as Node's util.inspect names it.
import {
  FunctionPrototypeToString,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectPrototypeToString,
  RegExpPrototypeExec,
  StringPrototypeSlice,
} from '../../primordials.ts';
import { classOf } from './text.ts';

const classSource = /^class\b/;

function nameOf(value: object): string {
  const name: unknown = ObjectGetOwnPropertyDescriptor(value, 'name')?.value;
  return typeof name === 'string' ? name : '';
}

export function functionText(value: object): string {
  const name = nameOf(value);
  if (RegExpPrototypeExec(classSource, FunctionPrototypeToString(value)) !== null)
    return classText(value, name);
  // [object AsyncFunction], …: "Function" for plain ones.
  const kind = StringPrototypeSlice(ObjectPrototypeToString(value), 8, -1);
  const made = classOf(value);
  const base = made === null ? `${kind} (null prototype)` : kind;
  const text = name === '' ? `[${base} (anonymous)]` : `[${base}: ${name}]`;
  return made === null || made === kind || made === 'Function' ? text : `${text} ${made}`;
}

function classText(value: object, name: string): string {
  const parent = ObjectGetPrototypeOf(value);
  const base = parent === null ? 'null' : nameOf(parent);
  return `[class ${name === '' ? '(anonymous)' : name}${base === '' ? '' : ` extends ${base}`}]`;
}
