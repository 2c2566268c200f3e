package io.outboxrelay.admin;

import java.security.cert.CertificateException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of callers whose certificate was not accepted: they get no answer to read, only the end of
 * their connection. Used on one event loop.
 */
final class TlsHandshakeLogger {
  private static final Logger LOG = LoggerFactory.getLogger(TlsHandshakeLogger.class);
  private static final String ALL = "all";

  /** So that whoever can reach the port cannot fill the log. */
  private final FailedAuthLimiter told = new FailedAuthLimiter(() -> {});

  /** Other failures, such as a probe that only connects, tell nobody anything. */
  void failed(Throwable failure) {
    var certificate = certificate(failure);
    if (certificate == null || told.areTooMany(ALL)) {
      LOG.debug("a connection came to nothing", failure);
      return;
    }
    told.failed(ALL);
    LOG.warn(
        "a caller's certificate was not accepted ({}); admin.tls.client-ca has not issued it, or it"
            + " is not valid now",
        certificate.getMessage());
  }

  private static @Nullable Throwable certificate(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException) {
        return cause;
      }
    }
    return null;
  }
}
