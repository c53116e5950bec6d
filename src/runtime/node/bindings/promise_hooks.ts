// What stands between V8 and a Worker's hooks of promises. V8 tells of each promise of the
// isolate; of those that the platform makes script is told nothing, as it would have their
// values, and could give them a then() of its own. What script makes of such a promise
// that it was given, by then() or `await`, it is told of.
import { isInner } from '../../web/inner_promises.ts';
import { WeakMap, WeakMapPrototypeGet, WeakMapPrototypeSet } from '../../web/primordials.ts';
import type { Loose } from '../loose.ts';
import { nativeBinding } from '../native_binding.ts';

// Made by the platform since there are hooks.
const hidden = new WeakMap<object, true>();

// Those from before have the prototype that the platform gives what script must not get.
function isHidden(promise: object): boolean {
  return WeakMapPrototypeGet(hidden, promise) === true || isInner(promise);
}

type Report = (error: unknown) => void;

function tell(hook: Loose, promise: object, parent: object | undefined, report: Report): void {
  try {
    hook(promise, parent);
  } catch (error) {
    report(error);
  }
}

// For before, after and settled.
function guarded(hook: Loose, report: Report): ((promise: object) => void) | undefined {
  if (typeof hook !== 'function') return undefined;
  return (promise) => {
    if (!isHidden(promise)) tell(hook, promise, undefined, report);
  };
}

// Sets V8's hooks to what calls these, and throws nothing: `report` is given what they
// throw.
export function setGuardedHooks(
  init: Loose,
  before: Loose,
  after: Loose,
  settled: Loose,
  report: Report,
): void {
  const { calledByPlatform, setPromiseHooks } = nativeBinding('async');
  const callers = {
    before: guarded(before, report),
    after: guarded(after, report),
    settled: guarded(settled, report),
  };
  const isHook = typeof init === 'function';
  if (!isHook && !callers.before && !callers.after && !callers.settled) {
    setPromiseHooks();
    return;
  }
  // Asked for by all: it says which promises are hidden.
  const made = (promise: object, parent: object | undefined) => {
    // Nobody calls where one promise follows another, which is its parent.
    if (calledByPlatform() ?? (parent !== undefined && isHidden(parent)))
      WeakMapPrototypeSet(hidden, promise, true);
    else if (isHook) tell(init, promise, parent, report);
  };
  setPromiseHooks(made, callers.before, callers.after, callers.settled);
}
