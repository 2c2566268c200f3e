package io.outboxrelay.admin;

import io.outboxrelay.settings.Settings;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The section {@code admin.tls}: the server's certificate, and the certificates of callers.
 *
 * @param certificate the server's own certificate, in PEM; if empty, connections are not encrypted
 * @param key the private key of {@code certificate}, in PEM (PKCS 8)
 * @param clientCa the certificate authorities, in PEM, that issue the certificates that callers of
 *     the API may present instead of a token
 * @param subjects the subjects of the certificates that are accepted
 */
record AdminTlsConfig(
    Optional<Path> certificate, Optional<Path> key, Optional<Path> clientCa, Subjects subjects) {

  static AdminTlsConfig from(Settings in) {
    var read =
        new AdminTlsConfig(
            in.optionalFile("certificate"),
            in.optionalFile("key"),
            in.optionalFile("client-ca"),
            Subjects.from(in));
    in.require(
        read.subjects.isEmpty() || read.clientCa.isPresent(),
        "client-ca",
        "is missing beside admin.tls.operators or admin.tls.read-only");
    in.require(
        read.certificate.isEmpty() || read.key.isPresent(), "key", "is missing beside certificate");
    in.require(
        read.key.isEmpty() || read.certificate.isPresent(), "certificate", "is missing beside key");
    in.require(
        read.clientCa.isEmpty() || read.certificate.isPresent(),
        "client-ca",
        "needs admin.tls.certificate and admin.tls.key: only an encrypted connection has"
            + " certificates");
    return read;
  }

  boolean encrypt() {
    return certificate.isPresent() && key.isPresent();
  }

  /**
   * Applies the section to the server's options. A caller's certificate is optional, because health
   * and metrics need none.
   */
  HttpServerOptions applyTo(HttpServerOptions options) {
    if (certificate.isPresent() && key.isPresent()) {
      options
          .setSsl(true)
          .setKeyCertOptions(
              new PemKeyCertOptions()
                  .setCertPath(certificate.get().toString())
                  .setKeyPath(key.get().toString()));
    }
    clientCa.ifPresent(
        ca ->
            options
                .setClientAuth(ClientAuth.REQUEST)
                .setTrustOptions(new PemTrustOptions().addCertPath(ca.toString())));
    return options;
  }
}
