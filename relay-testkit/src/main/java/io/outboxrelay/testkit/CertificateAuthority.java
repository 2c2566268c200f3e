package io.outboxrelay.testkit;

import java.nio.file.Path;

/**
 * A certificate authority for tests of TLS and client certificates: it certifies servers and
 * clients of this machine. All files are PEM; {@link #close()} deletes them.
 */
public final class CertificateAuthority implements AutoCloseable {
  /** The option of keytool that makes a certificate valid for this machine. */
  static final String LOCAL = "san=dns:localhost,ip:127.0.0.1";

  private static final String ALIAS = "authority";

  private final TestWorkspace workspace;
  private final Keytool keys;
  private final Path certificate;
  private int issued;

  /** A certificate signed by the authority, and its private key. */
  public record Issued(Path certificate, Path key) {}

  private CertificateAuthority(TestWorkspace workspace) {
    this.workspace = workspace;
    this.keys = new Keytool(workspace.file("authority.p12"));
    keys.generate(ALIAS, "CN=authority", "bc:critical=ca:true");
    this.certificate = workspace.write("authority.crt", keys.certificate(ALIAS));
  }

  /** Creates an authority with a key of its own. */
  public static CertificateAuthority create() {
    return new CertificateAuthority(TestWorkspace.create("authority"));
  }

  /** Returns the authority's own certificate, for the trust store of clients and servers. */
  public Path certificate() {
    return certificate;
  }

  /**
   * Issues a certificate with a subject such as {@code CN=alice,O=operations}, which is valid for
   * this machine.
   */
  public Issued issue(String distinguishedName) {
    String alias = "issued-" + ++issued;
    var signed = workspace.file(alias + ".crt");
    keys.generate(alias, distinguishedName, LOCAL);
    keys.certify(alias, ALIAS, LOCAL, workspace.file(alias + ".csr"), signed);
    return new Issued(signed, workspace.write(alias + ".key", keys.key(alias)));
  }

  @Override
  public void close() {
    workspace.close();
  }
}
