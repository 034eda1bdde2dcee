defimpl Herald.News, for: Integer do
  def told(number), do: "the number #{number}"
end

defimpl Herald.News, for: BitString do
  def told(text), do: "text #{text}"
end

# New: the consolidated protocol has it, too, or it is never asked.
defimpl Herald.News, for: List do
  def told(list), do: Enum.map_join(list, ", ", &Herald.News.told/1)
end
