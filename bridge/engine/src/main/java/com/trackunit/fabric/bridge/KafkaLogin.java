// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.Secret;
import java.util.Objects;

/**
 * Who the clients say they are to Kafka (SASL). Immutable; the password shows nowhere.
 *
 * @param mechanism how the password is proven
 * @param user not blank
 * @param password not shown
 */
public record KafkaLogin(Mechanism mechanism, String user, Secret password) {
  /** How a password is proven. */
  public enum Mechanism {
    /** RFC 4616: the password itself is sent, so only with TLS. */
    PLAIN("PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule"),
    /** RFC 5802 and 7677. */
    SCRAM_SHA_256("SCRAM-SHA-256", "org.apache.kafka.common.security.scram.ScramLoginModule"),
    /** RFC 5802 with SHA-512. */
    SCRAM_SHA_512("SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule");

    private final String wireName;
    private final String module;

    Mechanism(String wireName, String module) {
      this.wireName = wireName;
      this.module = module;
    }

    /**
     * Its registered name.
     *
     * @return such as {@code SCRAM-SHA-512}
     */
    public String wireName() {
      return wireName;
    }
  }

  /**
   * Refuses what cannot be a login.
   *
   * @throws IllegalArgumentException if the user is blank
   */
  public KafkaLogin {
    Objects.requireNonNull(mechanism, "mechanism");
    Objects.requireNonNull(password, "password");
    if (user.isBlank()) {
      throw new IllegalArgumentException("kafka settings: the user of the login is blank");
    }
  }

  /** As Kafka's clients want to be told. */
  String jaas() {
    return mechanism.module
        + " required username=\""
        + escaped(user)
        + "\" password=\""
        + escaped(password.reveal())
        + "\";";
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  @Override
  public String toString() {
    return mechanism.wireName() + " as " + user;
  }
}
