package io.outboxrelay.admin;

import java.security.cert.CertificateException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs certificates of callers that were not accepted. Such a caller gets no HTTP answer, because
 * its connection ends during the handshake. Used on one event loop.
 */
final class TlsHandshakeLogger {
  private static final Logger LOG = LoggerFactory.getLogger(TlsHandshakeLogger.class);
  private static final String ALL = "all";

  /**
   * Limits the number of log lines, so that a caller that can reach the port cannot fill the log.
   */
  private final FailedAuthLimiter told = new FailedAuthLimiter(() -> {});

  /**
   * Logs the failure of a handshake. A failure that is not about the caller's certificate, such as
   * that of a probe that only connects, is logged at debug level only.
   */
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
