// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import java.net.InetSocketAddress;

/**
 * Where the broker is now, for addresses that somebody else knows: a port-forward, a service
 * discovery. Thread-safe.
 *
 * <p>It is asked before each connection attempt.
 */
@FunctionalInterface
public interface AddressSource {
  /**
   * The address to connect to. May block for as long as a connection attempt may take.
   *
   * @return host and port
   * @throws Exception if there is none now; the attempt has failed then, and another one follows
   */
  InetSocketAddress address() throws Exception;
}
