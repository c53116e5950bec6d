import * as v from 'valibot';

const Crew = v.pipe(
  v.object({
    name: v.pipe(v.string(), v.trim(), v.minLength(2, 'name too short')),
    age: v.pipe(v.unknown(), v.transform(Number), v.integer(), v.minValue(16)),
    role: v.picklist(['pilot', 'sailor']),
    born: v.optional(v.pipe(v.string(), v.isoDate())),
  }),
  v.check(({ role, age }) => role !== 'pilot' || age >= 30, 'pilots are thirty or older'),
);
const Fresh = v.pipeAsync(
  v.string(),
  v.checkAsync(async (name) => {
    await scheduler.wait(1);
    return name !== 'taken';
  }, 'taken already'),
);

export default {
  async fetch(request: Request) {
    const { crew, login } = (await request.json()) as Record<string, unknown>;
    const [checked, fresh] = [v.safeParse(Crew, crew), await v.safeParseAsync(Fresh, login)];
    return Response.json({
      crew: checked.success ? checked.output : v.flatten<typeof Crew>(checked.issues),
      login: fresh.success ? fresh.output : fresh.issues.map(({ message }) => message),
    });
  },
};
