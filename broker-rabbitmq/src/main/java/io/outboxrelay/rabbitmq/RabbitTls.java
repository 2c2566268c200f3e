package io.outboxrelay.rabbitmq;

import io.outboxrelay.publish.PublishException;
import io.outboxrelay.settings.Settings;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The section {@code rabbitmq.tls}: the encryption of connections to {@code amqps://}.
 *
 * <p>The broker's certificate is always checked. Without {@code ca}, Java's default certificate
 * authorities are used.
 *
 * @param ca certificates to trust, in PEM
 * @param certificate the relay's own certificate, in PEM
 * @param key the private key of {@code certificate}, in PEM (PKCS 8)
 * @param verifyHostname true if the certificate has to name the host of the address
 */
record RabbitTls(
    Optional<Path> ca, Optional<Path> certificate, Optional<Path> key, boolean verifyHostname) {

  static RabbitTls from(Settings in) {
    var tls =
        new RabbitTls(
            in.optionalFile("ca"),
            in.optionalFile("certificate"),
            in.optionalFile("key"),
            in.flag("verify-hostname", true));
    in.require(
        tls.certificate.isEmpty() || tls.key.isPresent(), "key", "is missing beside certificate");
    in.require(
        tls.key.isEmpty() || tls.certificate.isPresent(), "certificate", "is missing beside key");
    return tls;
  }

  /**
   * Returns the TLS context of one connection. Reads the files for each connection, so that the
   * next connection uses renewed files. Blocks.
   *
   * @throws PublishException.Fatal if a file cannot be used
   */
  SSLContext context(Vertx vertx) {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(keys(vertx), trust(vertx), null);
      return context;
    } catch (Exception e) {
      throw new PublishException.Fatal(
          "the files of rabbitmq.tls cannot be used: " + e.getMessage(), e);
    }
  }

  private KeyManager @Nullable [] keys(Vertx vertx) throws Exception {
    if (certificate.isEmpty() || key.isEmpty()) {
      return null;
    }
    return new PemKeyCertOptions()
        .setCertValue(content("certificate", certificate.get()))
        .setKeyValue(content("key", key.get()))
        .getKeyManagerFactory(vertx)
        .getKeyManagers();
  }

  /**
   * Reads a file. Vert.x is not used for this, because its message would not say that a file is
   * missing.
   */
  private static Buffer content(String key, Path path) {
    try {
      return Buffer.buffer(Files.readAllBytes(path));
    } catch (IOException e) {
      String reason =
          e instanceof NoSuchFileException ? "is not found" : "cannot be read (" + e + ")";
      throw new IllegalStateException(
          "the file " + path + ", which rabbitmq.tls." + key + " names, " + reason, e);
    }
  }

  private TrustManager @Nullable [] trust(Vertx vertx) throws Exception {
    if (ca.isEmpty()) {
      return null;
    }
    return new PemTrustOptions()
        .addCertValue(content("ca", ca.get()))
        .getTrustManagerFactory(vertx)
        .getTrustManagers();
  }
}
