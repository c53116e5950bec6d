import bcrypt from 'bcryptjs';

export default {
  async fetch(request: Request) {
    const { password, hash } = (await request.json()) as { password: string; hash?: string };
    if (hash) return Response.json({ same: await bcrypt.compare(password, hash) });
    const fresh = await bcrypt.hash(password, 6);
    return Response.json({
      fresh,
      rounds: bcrypt.getRounds(fresh),
      sync: bcrypt.hashSync(password, '$2b$04$abcdefghijklmnopqrstuu'),
      truncates: bcrypt.truncates('x'.repeat(73)),
    });
  },
};
