package io.outboxrelay.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/**
 * A self-signed certificate for {@code localhost} and 127.0.0.1, and its key, as PEM files in a
 * server's workspace. Made by the JDK's keytool, so that nothing has to be installed for it.
 *
 * @param both the key and the certificate in one file
 */
record ServerCertificate(Path certificate, Path key, Path both) {
  private static final String PASSWORD = "changeit";
  private static final String ALIAS = "server";

  static ServerCertificate create(Workspace workspace) {
    var store = workspace.file("server.p12");
    generate(store);
    try (var in = Files.newInputStream(store)) {
      var keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      var certificate = pem("CERTIFICATE", keys.getCertificate(ALIAS).getEncoded());
      var key = pem("PRIVATE KEY", keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
      return new ServerCertificate(
          workspace.write("server.crt", certificate),
          workspace.write("server.key", key),
          workspace.write("server.pem", key + certificate));
    } catch (IOException e) {
      throw new UncheckedIOException("Could not read " + store, e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Could not make a certificate", e);
    }
  }

  private static void generate(Path store) {
    Programs.run(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            ALIAS,
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-dname",
            "CN=localhost",
            "-ext",
            "san=dns:localhost,ip:127.0.0.1",
            "-validity",
            "30",
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD,
            "-keystore",
            store.toString()));
  }

  private static String pem(String label, byte[] der) {
    var base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
  }
}
