// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.io.IOException;

/** Where key sets come from. */
@FunctionalInterface
interface KeySetSource {
  /**
   * Fetches the set as it is now; blocks, but not for ever.
   *
   * @throws IOException if there is no answer, or none that can be trusted; the message goes to
   *     operators
   */
  KeySet fetch() throws IOException;
}
