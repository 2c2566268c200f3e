package io.outboxrelay.database;

import io.vertx.pgclient.SslMode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Locale;
import java.util.Properties;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.postgresql.ssl.WrappedFactory;

/**
 * Encrypts a replication connection according to {@code database.tls}, with the same files in the
 * same format as the other connections.
 *
 * <p>The driver creates an instance of this class by its name, and verifies the host name itself.
 */
public final class ReplicationTls extends WrappedFactory {
  private static final String VERIFY = "outbox-relay.verify";

  /** Used by the driver. */
  public ReplicationTls(Properties properties) throws GeneralSecurityException, IOException {
    var context = SSLContext.getInstance("TLS");
    context.init(keys(properties), trust(properties), null);
    factory = context.getSocketFactory();
  }

  /**
   * Sets the properties from which first the driver and then this class take their configuration.
   */
  static void configure(DatabaseTls tls, Properties properties) {
    String mode = tls.mode().name().toLowerCase(Locale.ROOT).replace('_', '-');
    properties.setProperty("sslmode", mode);
    properties.setProperty("sslfactory", ReplicationTls.class.getName());
    tls.ca().ifPresent(path -> properties.setProperty("sslrootcert", path.toString()));
    tls.certificate().ifPresent(path -> properties.setProperty("sslcert", path.toString()));
    tls.key().ifPresent(path -> properties.setProperty("sslkey", path.toString()));
    properties.setProperty(VERIFY, Boolean.toString(verifies(tls)));
  }

  private static boolean verifies(DatabaseTls tls) {
    return tls.mode() == SslMode.VERIFY_CA
        || tls.mode() == SslMode.VERIFY_FULL
        || (tls.mode() == SslMode.REQUIRE && tls.ca().isPresent());
  }

  private static TrustManager[] trust(Properties properties)
      throws GeneralSecurityException, IOException {
    if (!Boolean.parseBoolean(properties.getProperty(VERIFY))) {
      return new TrustManager[] {new TrustAll()};
    }
    var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    String ca = properties.getProperty("sslrootcert");
    trusted.init(ca == null ? null : holding(certificates(Path.of(ca))));
    return trusted.getTrustManagers();
  }

  private static KeyStore holding(Certificate[] certificates)
      throws GeneralSecurityException, IOException {
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < certificates.length; i++) {
      store.setCertificateEntry("ca-" + i, certificates[i]);
    }
    return store;
  }

  private static KeyManager @Nullable [] keys(Properties properties)
      throws GeneralSecurityException, IOException {
    String certificate = properties.getProperty("sslcert");
    String key = properties.getProperty("sslkey");
    if (certificate == null || key == null) {
      return null;
    }
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setKeyEntry("key", key(Path.of(key)), new char[0], certificates(Path.of(certificate)));
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, new char[0]);
    return managers.getKeyManagers();
  }

  private static Certificate[] certificates(Path pem) throws GeneralSecurityException, IOException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(pem)))
        .toArray(new Certificate[0]);
  }

  private static PrivateKey key(Path pem) throws GeneralSecurityException, IOException {
    String base64 =
        Files.readString(pem, StandardCharsets.US_ASCII)
            .replaceAll("-----[A-Z ]+-----", "")
            .replaceAll("\\s", "");
    var spec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64));
    for (String algorithm : new String[] {"RSA", "EC", "EdDSA"}) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        // The key belongs to another algorithm, so the next one is tried.
      }
    }
    throw new InvalidKeySpecException(pem + " holds no RSA, EC or EdDSA key in PKCS 8");
  }

  /** Trusts every certificate, for the modes that encrypt without verifying. */
  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
