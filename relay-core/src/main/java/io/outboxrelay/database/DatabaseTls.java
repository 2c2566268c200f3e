package io.outboxrelay.database;

import io.outboxrelay.settings.Settings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Optional;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the section {@code database.tls}: if and how the connection to the database is
 * encrypted.
 *
 * <p>The modes have the same meaning as in {@code psql}: {@code prefer} uses encryption if the
 * server supports it and trusts any certificate; {@code verify-ca} and {@code verify-full} verify
 * the certificate, and the latter also verifies the host name. Without {@code ca}, they verify
 * against Java's own certificate authorities.
 *
 * @param ca certificates to trust, in PEM
 * @param certificate the relay's own certificate, in PEM
 * @param key the private key of {@code certificate}, in PEM (PKCS 8)
 */
record DatabaseTls(
    SslMode mode, Optional<Path> ca, Optional<Path> certificate, Optional<Path> key) {

  static DatabaseTls from(Settings in, SslMode orElse) {
    var tls =
        new DatabaseTls(
            in.choice("mode", orElse),
            in.optionalFile("ca"),
            in.optionalFile("certificate"),
            in.optionalFile("key"));
    in.require(
        tls.certificate.isEmpty() || tls.key.isPresent(), "key", "is missing beside certificate");
    in.require(
        tls.key.isEmpty() || tls.certificate.isPresent(), "certificate", "is missing beside key");
    return tls;
  }

  PgConnectOptions applyTo(PgConnectOptions options) {
    var ssl = new ClientSSLOptions();
    ssl.setHostnameVerificationAlgorithm(mode == SslMode.VERIFY_FULL ? "HTTPS" : "");
    if (verifies()) {
      ssl.setTrustOptions(trust());
    } else {
      ssl.setTrustAll(true);
    }
    if (certificate.isPresent() && key.isPresent()) {
      ssl.setKeyCertOptions(
          new PemKeyCertOptions()
              .setCertValue(content("certificate", certificate.get()))
              .setKeyValue(content("key", key.get())));
    }
    return options.setSslMode(mode).setSslOptions(ssl);
  }

  /**
   * Returns true if the server's certificate is verified. As in {@code psql}, {@code require}
   * verifies it if a certificate authority is given.
   */
  private boolean verifies() {
    return mode == SslMode.VERIFY_CA
        || mode == SslMode.VERIFY_FULL
        || (mode == SslMode.REQUIRE && ca.isPresent());
  }

  private TrustOptions trust() {
    return ca.<TrustOptions>map(path -> new PemTrustOptions().addCertValue(content("ca", path)))
        .orElseGet(() -> TrustOptions.wrap(trustOfThisJava()));
  }

  /** Returns true if {@link #applyTo} reads files. */
  boolean readsFiles() {
    return ca.isPresent() || certificate.isPresent();
  }

  /** Reads the file here, because the client caches the content of a path. */
  private static Buffer content(String key, Path path) {
    try {
      return Buffer.buffer(Files.readAllBytes(path));
    } catch (IOException e) {
      String reason =
          e instanceof NoSuchFileException ? "is not found" : "cannot be read (" + e + ")";
      throw DatabaseException.refused(
          "the file " + path + ", which database.tls." + key + " names, " + reason);
    }
  }

  private static X509TrustManager trustOfThisJava() {
    try {
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((@Nullable KeyStore) null);
      return (X509TrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Java's own certificate authorities cannot be read", e);
    }
  }
}
