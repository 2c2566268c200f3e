package io.outboxrelay.admin;

import io.outboxrelay.settings.Settings;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * The subjects of the client certificates that are accepted, with the role of each: the settings
 * {@code admin.tls.operators} and {@code admin.tls.read-only}. If both are empty, every certificate
 * that {@code admin.tls.client-ca} has issued has the role of an operator.
 */
record Subjects(Map<X500Principal, Role> roles) {
  Subjects {
    roles = Collections.unmodifiableMap(new LinkedHashMap<>(roles));
  }

  /** Reads the settings of the section {@code admin.tls}; mistakes are noted in {@code in}. */
  static Subjects from(Settings in) {
    var roles = new LinkedHashMap<X500Principal, Role>();
    add(in, "operators", Role.OPERATOR, roles);
    add(in, "read-only", Role.READ_ONLY, roles);
    return new Subjects(roles);
  }

  private static void add(Settings in, String section, Role role, Map<X500Principal, Role> roles) {
    in.section(section)
        .rest()
        .forEach(
            (name, text) -> {
              String key = section + "." + name;
              var subject = parse(text);
              in.require(
                  subject.isPresent(),
                  key,
                  "is not the subject of a certificate; write it like CN=alice,O=operations");
              subject.ifPresent(
                  known ->
                      in.require(
                          roles.put(known, role) == null, key, "has the subject of another one"));
            });
  }

  private static Optional<X500Principal> parse(String text) {
    try {
      return Optional.of(new X500Principal(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Returns the role of a caller with a certificate of this subject; empty if the certificate is
   * not accepted.
   */
  Optional<Role> role(X500Principal subject) {
    return roles.isEmpty() ? Optional.of(Role.OPERATOR) : Optional.ofNullable(roles.get(subject));
  }

  boolean isEmpty() {
    return roles.isEmpty();
  }
}
