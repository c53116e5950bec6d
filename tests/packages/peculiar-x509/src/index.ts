import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(crypto);

export default {
  async fetch(request: Request) {
    const pem = await request.text();
    if (pem) {
      const certificate = new x509.X509Certificate(pem);
      return Response.json({
        subject: certificate.subject,
        issuer: certificate.issuer,
        names: certificate
          .getExtension(x509.SubjectAlternativeNameExtension)
          ?.names.toJSON()
          .map(({ value }) => value),
        own: await certificate.isSelfSigned(),
        valid: await certificate.verify({ signatureOnly: true }),
        thumbprint: new Uint8Array(await certificate.getThumbprint('SHA-256')).toHex(),
      });
    }
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: '0a',
      name: 'CN=caravel, O=Índia',
      notBefore: new Date('2026-01-01'),
      notAfter: new Date('2046-01-01'),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 2, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      ],
    });
    return new Response(certificate.toString('pem'));
  },
};
