package io.outboxrelay.rabbitmq;

import io.outboxrelay.publish.PublishException;
import io.outboxrelay.settings.Settings;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How a connection to {@code amqps://} is encrypted: the section {@code rabbitmq.tls}.
 *
 * <p>The broker's certificate is always checked, without {@code ca} against Java's own certificate
 * authorities.
 *
 * @param ca certificates to trust, in PEM
 * @param certificate the relay's own certificate, in PEM
 * @param key the private key of {@code certificate}, in PEM (PKCS 8)
 * @param verifyHostname whether the certificate has to name the host of the address
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
   * Reads the files, so that one that was renewed counts from the next connection on. Blocks.
   *
   * @throws PublishException.Fatal where a file does not hold what it should
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
        .setCertPath(certificate.get().toString())
        .setKeyPath(key.get().toString())
        .getKeyManagerFactory(vertx)
        .getKeyManagers();
  }

  private TrustManager @Nullable [] trust(Vertx vertx) throws Exception {
    if (ca.isEmpty()) {
      return null;
    }
    return new PemTrustOptions()
        .addCertPath(ca.get().toString())
        .getTrustManagerFactory(vertx)
        .getTrustManagers();
  }
}
