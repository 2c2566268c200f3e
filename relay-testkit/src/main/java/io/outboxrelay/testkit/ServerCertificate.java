package io.outboxrelay.testkit;

import java.nio.file.Path;

/**
 * A self-signed certificate for {@code localhost} and 127.0.0.1 with its key, as PEM files in a
 * server's workspace.
 *
 * @param both the file with the key and the certificate
 */
record ServerCertificate(Path certificate, Path key, Path both) {
  private static final String ALIAS = "server";

  static ServerCertificate create(TestWorkspace workspace) {
    var keys = new Keytool(workspace.file("server.p12"));
    keys.generate(ALIAS, "CN=localhost", CertificateAuthority.LOCAL);
    String certificate = keys.certificate(ALIAS);
    String key = keys.key(ALIAS);
    return new ServerCertificate(
        workspace.write("server.crt", certificate),
        workspace.write("server.key", key),
        workspace.write("server.pem", key + certificate));
  }
}
