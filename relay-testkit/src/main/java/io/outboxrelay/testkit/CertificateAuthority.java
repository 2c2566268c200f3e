package io.outboxrelay.testkit;

import java.nio.file.Path;

/**
 * An authority that certifies servers on this machine and their clients, for tests of who is let
 * in. All files are PEM, and gone once it is closed.
 */
public final class CertificateAuthority implements AutoCloseable {
  /** For a certificate of this machine. */
  static final String LOCAL = "san=dns:localhost,ip:127.0.0.1";

  private static final String ALIAS = "authority";

  private final TestWorkspace workspace;
  private final Keytool keys;
  private final Path certificate;
  private int issued;

  /** A certificate of the authority, and the key of whoever it names. */
  public record Issued(Path certificate, Path key) {}

  private CertificateAuthority(TestWorkspace workspace) {
    this.workspace = workspace;
    this.keys = new Keytool(workspace.file("authority.p12"));
    keys.generate(ALIAS, "CN=authority", "bc:critical=ca:true");
    this.certificate = workspace.write("authority.crt", keys.certificate(ALIAS));
  }

  /** Makes one with a key of its own: no other vouches for what it issues. */
  public static CertificateAuthority create() {
    return new CertificateAuthority(TestWorkspace.create("authority"));
  }

  /** What those who trust it are given. */
  public Path certificate() {
    return certificate;
  }

  /** Certifies a server or client of this machine, such as {@code CN=alice,O=operations}. */
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
