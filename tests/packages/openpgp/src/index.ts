import * as openpgp from 'openpgp';

export default {
  async fetch(request: Request) {
    const text = await request.text();
    const { privateKey, publicKey } = await openpgp.generateKey({
      type: 'ecc',
      curve: 'ed25519Legacy' as never,
      userIDs: [{ name: 'Ana', email: 'ana@example.com' }],
      format: 'object',
    });
    const encrypted = await openpgp.encrypt({
      message: await openpgp.createMessage({ text }),
      encryptionKeys: publicKey,
      signingKeys: privateKey,
    });
    const { data, signatures } = await openpgp.decrypt({
      message: await openpgp.readMessage({ armoredMessage: encrypted }),
      decryptionKeys: privateKey,
      verificationKeys: publicKey,
    });
    const locked = await openpgp.encrypt({
      message: await openpgp.createMessage({ text }),
      passwords: ['mar'],
    });
    const wrong = await openpgp
      .decrypt({
        message: await openpgp.readMessage({ armoredMessage: locked }),
        passwords: ['rio'],
      })
      .catch((error) => error.message);
    return Response.json({
      armored: encrypted.split('\n')[0].trim(),
      hidden: !encrypted.includes(text),
      data,
      verified: await signatures[0]?.verified,
      wrong,
      user: (await openpgp.readKey({ armoredKey: publicKey.armor() })).getUserIDs(),
    });
  },
};
