// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

/**
 * One pod that can be forwarded to, and the port inside it.
 *
 * @param uid tells it apart from another pod of the same name
 */
record Target(String pod, String uid, int port) {
  @Override
  public String toString() {
    return "pod " + pod + " port " + port;
  }
}
