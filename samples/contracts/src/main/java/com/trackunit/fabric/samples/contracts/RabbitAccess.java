// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import com.trackunit.fabric.core.Secret;
import java.util.function.Supplier;

/**
 * Where a service finds RabbitMQ, read from {@code RABBIT_HOST}, {@code RABBIT_PORT} (5672), {@code
 * RABBIT_USER}, {@code RABBIT_PASS} and {@code RABBIT_VHOST} ({@code /}). Immutable; its {@code
 * toString} hides the password.
 *
 * @param host a name or address
 * @param port 1 to 65535
 * @param user who logs in
 * @param password of that user
 * @param vhost the virtual host
 */
public record RabbitAccess(String host, int port, String user, Secret password, String vhost) {
  /**
   * Asks for the five variables.
   *
   * @param environment notes what is missing
   * @return to be called after {@link Environment#verify}
   */
  public static Supplier<RabbitAccess> from(Environment environment) {
    Supplier<String> host = environment.text(Variables.RABBIT_HOST).required();
    Supplier<Integer> port = environment.port(Variables.RABBIT_PORT).orElse(5672);
    Supplier<String> user = environment.text(Variables.RABBIT_USER).required();
    Supplier<Secret> password = environment.secret(Variables.RABBIT_PASS).required();
    Supplier<String> vhost = environment.text(Variables.RABBIT_VHOST).orElse("/");
    return () -> new RabbitAccess(host.get(), port.get(), user.get(), password.get(), vhost.get());
  }
}
