import {
  bufferCount,
  catchError,
  concatMap,
  debounceTime,
  defer,
  filter,
  firstValueFrom,
  from,
  interval,
  lastValueFrom,
  map,
  merge,
  of,
  retry,
  scan,
  take,
  throwError,
  timeout,
  toArray,
} from 'rxjs';

const all = <T>(source: import('rxjs').Observable<T>) => lastValueFrom(source.pipe(toArray()));

export default {
  async fetch() {
    let tries = 0;
    const unsteady = defer(() => (++tries < 3 ? throwError(() => new Error('gale')) : of('calm')));
    return Response.json({
      sums: await all(
        from([1, 2, 3, 4, 5]).pipe(
          filter((n) => n % 2 === 1),
          scan((a, b) => a + b),
        ),
      ),
      ticks: await all(interval(2).pipe(take(4), bufferCount(2))),
      retried: await firstValueFrom(unsteady.pipe(retry(5))),
      tries,
      inOrder: await all(
        of(8, 1, 4).pipe(
          concatMap((ms) => new Promise<number>((resolve) => setTimeout(resolve, ms, ms))),
        ),
      ),
      last: await firstValueFrom(merge(of('a'), of('b')).pipe(debounceTime(5))),
      late: await firstValueFrom(
        interval(60_000).pipe(
          timeout(5),
          map(String),
          catchError((error) => of(error.name)),
        ),
      ),
    });
  },
};
