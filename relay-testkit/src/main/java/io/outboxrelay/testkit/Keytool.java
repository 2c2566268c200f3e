package io.outboxrelay.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** A key store managed by the JDK's keytool, so that tests need no other program. */
final class Keytool {
  private static final String PASSWORD = "changeit";

  private final Path store;

  Keytool(Path store) {
    this.store = store;
  }

  /** Generates a key and a self-signed certificate for it. */
  void generate(String alias, String distinguishedName, String extension) {
    run(
        "-genkeypair",
        "-alias",
        alias,
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-dname",
        distinguishedName,
        "-ext",
        extension,
        "-validity",
        "30");
  }

  /**
   * Signs the key of {@code alias} with the key of {@code signer}, and writes the certificate as
   * PEM.
   */
  void certify(String alias, String signer, String extension, Path request, Path certificate) {
    run("-certreq", "-alias", alias, "-file", request.toString());
    run(
        "-gencert",
        "-alias",
        signer,
        "-ext",
        extension,
        "-validity",
        "30",
        "-infile",
        request.toString(),
        "-outfile",
        certificate.toString(),
        "-rfc");
  }

  /** Returns the self-signed certificate as PEM. */
  String certificate(String alias) {
    return read(keys -> pem("CERTIFICATE", keys.getCertificate(alias).getEncoded()));
  }

  /** Returns the private key as PEM. */
  String key(String alias) {
    return read(
        keys -> pem("PRIVATE KEY", keys.getKey(alias, PASSWORD.toCharArray()).getEncoded()));
  }

  private void run(String... arguments) {
    var program = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Executables.run(
        Stream.of(
                List.of(program),
                List.of(arguments),
                List.of("-storetype", "PKCS12", "-storepass", PASSWORD),
                List.of("-keystore", store.toString()))
            .flatMap(List::stream)
            .toList());
  }

  private interface Reading {
    String from(KeyStore keys) throws GeneralSecurityException;
  }

  private String read(Reading reading) {
    try (var in = Files.newInputStream(store)) {
      var keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      return reading.from(keys);
    } catch (IOException e) {
      throw new UncheckedIOException("Could not read " + store, e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Could not make a certificate", e);
    }
  }

  private static String pem(String label, byte[] der) {
    var base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
  }
}
