// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.io.IOException;
import java.util.List;

/** A broker, real or simulated, that does what a trace's lines say. */
interface TracedBroker extends AutoCloseable {
  /**
   * Does what a line says.
   *
   * @param words of the line
   * @param expected what is to be seen of it; a real broker is waited for until that much is there
   * @return what was to be seen
   */
  List<String> does(List<String> words, List<String> expected) throws Exception;

  @Override
  default void close() throws IOException {}
}
